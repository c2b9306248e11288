import { createReadStream, appendFileSync, existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createOcrPool } from "./src/receipts/ocr-pool.ts";
import { readDocument } from "./src/receipts/read-document.ts";
import { laidOutPage } from "./test/bench/receipts/drawn-pages.ts";
import { recordedSession } from "./test/bench/receipts/recorded-session.ts";
const poolOf = (language: "por"|"eng") => createOcrPool({ workers: 1, pageTimeoutMs: 120000, memoryMb: 1024, language });
const pools = { por: poolOf("por"), eng: poolOf("eng") };
let n = 0;
for await (const line of createInterface({ input: createReadStream("/tmp/work/h6-data/obs.jsonl") })) {
  const o = JSON.parse(line);
  if (o.purpose !== "CERTIFY" || o.index >= 260) continue;
  const before = Object.keys(o.answers).length;
  await pools[o.language as "por"].lend((real) => readDocument(recordedSession(real, () => laidOutPage(o.purpose, 1, o.index).bytes(), o.answers), new Uint8Array(), o.format, { referenceDate: o.referenceDate, language: o.language, documentTimeoutMs: 600000, leastProbability: 2 }));
  if (Object.keys(o.answers).length > before) n++;
  appendFileSync("/tmp/work/h6-data/early.jsonl", `${JSON.stringify(o)}\n`);
}
console.log(n);
await pools.por.close(); await pools.eng.close();
