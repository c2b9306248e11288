/**
 * Makes observations out of what `collect.ts` kept: for each page the traits of the day and hour after the first looks and
 * after all, and whether they are right. What the reader asks now and did not ask then is read from the page drawn anew.
 *
 *   npm run bench -- receipts-observe FILE [--out test/bench/receipts/calibration/observations.jsonl.gz]
 */
import { open, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { createOcrPool } from "../../../../src/receipts/ocr-pool.ts";
import { readDocument } from "../../../../src/receipts/read-document.ts";
import { judgementOf } from "../../../../src/receipts/triage.ts";
import type { TimestampEvidence } from "../../../../src/receipts/weighing/timestamp-evidence.ts";
import { laidOutPage } from "../drawn-pages.ts";
import { firstDate, firstSureDate, type PlainDate } from "../plain-rule.ts";
import { recordedSession } from "../recorded-session.ts";
import type { Observation, Part, Stage } from "./observation.ts";

const collected = z.looseObject({
  purpose: z.enum(["CERTIFY", "FIT"]),
  seed: z.int(),
  index: z.int(),
  format: z.enum(["PNG", "JPEG", "PDF"]),
  layout: z.string(),
  kind: z.string(),
  language: z.enum(["por", "eng"]),
  date: z.string(),
  time: z.string().optional(),
  referenceDate: z.string(),
  answers: z.record(z.string(), z.unknown()),
});

type Collected = z.infer<typeof collected>;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string", default: "test/bench/receipts/calibration/observations.jsonl.gz" },
  },
});
const [file] = positionals;
if (file === undefined) throw new Error("Say which FILE of JSON lines was collected.");
const pools = { por: poolOf("por"), eng: poolOf("eng") };
const observations: Observation[] = [];
const lines = await open(file);
for await (const line of lines.readLines()) {
  observations.push(await observed(collected.parse(JSON.parse(line))));
}
await Promise.all([pools.por.close(), pools.eng.close()]);
observations.sort((one, other) => one.layout - other.layout || one.index - other.index);
const text = observations.map((one) => `${JSON.stringify(one)}\n`).join("");
await writeFile(values.out, gzipSync(text, { level: 9 }));
process.stdout.write(`${observations.length} observations in ${values.out}\n`);

function poolOf(language: "por" | "eng") {
  return createOcrPool({ workers: 1, pageTimeoutMs: 120_000, memoryMb: 1024, language });
}

function observed(page: Collected): Promise<Observation> {
  const { index, language, format, referenceDate } = page;
  return pools[language].lend(async (real) => {
    const bytes = () => laidOutPage(page.purpose, page.seed, index).bytes();
    const session = recordedSession(real, bytes, page.answers);
    const stages: Stage[] = [];
    await readDocument(session, new Uint8Array(), format, {
      referenceDate,
      language,
      documentTimeoutMs: 600_000,
      // Nothing is so probable: all looks are taken.
      leastProbability: 2,
      timestampAlone: true,
      observe(evidence) {
        const stage = stageOf(evidence, page);
        if (stage) stages.push(stage);
      },
    });
    return {
      purpose: page.purpose,
      index,
      layout: Number(page.layout),
      kind: page.kind,
      language,
      stages,
      plain: plainOf(firstSureDate(session.pages), page),
      plainFirst: plainOf(firstDate(session.pages), page),
    };
  });
}

function plainOf(plain: PlainDate | undefined, { date }: Collected): Observation["plain"] {
  return plain ? { confidence: plain.confidence, right: plain.date === date } : null;
}

/** Undefined when there is no single day. */
function stageOf(evidence: TimestampEvidence, { date, time }: Collected): Stage | undefined {
  const { chosen, ambiguousDates, precision: read } = evidence.draft;
  const [day, ...others] = chosen?.dates ?? [];
  if (!chosen || day === undefined || others.length > 0 || ambiguousDates.length > 0)
    return undefined;
  if (evidence.kind === "SCHEDULING") return undefined;
  const judged = judgementOf(evidence, chosen, day);
  const length = judged.precision === "second" ? 8 : 5;
  const hourIsRight = (chosen.time?.time ?? "").slice(0, length) === (time ?? "").slice(0, length);
  const dayPart: Part = {
    traits: judged.date.traits,
    right: day === date,
    holds: judged.dayHolds,
  };
  return {
    day: dayPart,
    hour: judged.hour
      ? { traits: judged.hour.traits, right: hourIsRight, holds: judged.hourHolds }
      : null,
    needed: judged.needed,
    contradicted:
      judged.date.contradictedBy !== undefined || judged.hour?.contradictedBy !== undefined,
    whole: read === "day",
  };
}
