import { Command } from "commander";
import { type Bin, type Evaluation, evaluate } from "../receipts/evaluation.ts";
import { loadOutcomes } from "../receipts/load-outcomes.ts";
import { PROMISED } from "../receipts/risk-control.ts";
import type { Share } from "../receipts/share.ts";
import { READER_VERSION } from "../receipts/store-reading.ts";
import { asCommand } from "./database-session.ts";

/** Measures the reading of documents by what people said of it, and changes its threshold. */
export function ocrCommand(): Command {
  const command = new Command("ocr").description("qualidade da leitura de documentos");
  command
    .command("evaluate")
    .description("precisão, cobertura e calibração da leitura, pelo que as pessoas conferiram")
    .option("--json", "uma linha de JSON")
    .action(async ({ json }: { json?: true }) => {
      const { evaluation, inForce, count } = await measured();
      process.stdout.write(
        json
          ? `${JSON.stringify({ readerVersion: READER_VERSION, inForce, corrections: count, ...evaluation })}\n`
          : `${table(evaluation, inForce, count)}\n`,
      );
    });
  command
    .command("recalibrate")
    .description(
      "muda o limiar da leitura, com motivo: mais rigoroso, ou mais frouxo se um operador o confirmar",
    )
    .requiredOption("--reason <text>", "motivo, gravado na trilha")
    .option(
      "--least <probability>",
      "probabilidade a partir da qual se aceita; sem ela, a que as conferências pedem",
    )
    .option("--loosen", "confirma um limiar mais frouxo do que o em vigor (só com --least)")
    .action(recalibrate);
  return command;
}

async function measured(): Promise<{ evaluation: Evaluation; inForce: number; count: number }> {
  const { outcomes, inForce } = await asCommand(
    { role: "operator", reason: "Avaliação da leitura", snapshot: true },
    loadOutcomes,
  );
  return { evaluation: evaluate(outcomes, inForce), inForce, count: outcomes.length };
}

interface RecalibrateOptions {
  reason: string;
  least?: string;
  loosen?: true;
}

async function recalibrate({ reason, least, loosen }: RecalibrateOptions): Promise<void> {
  const { evaluation, inForce } = await measured();
  const chosen = least === undefined ? stricter(evaluation) : Number(least.replace(",", "."));
  if (!(chosen >= 0 && chosen <= 1))
    throw new Error(`"${least}" não é uma probabilidade de 0 a 1.`);
  if (least === undefined && chosen === inForce) {
    process.stdout.write(
      `O limiar em vigor, ${percent(inForce)}, cumpre o prometido; nada mudou.\n`,
    );
    return;
  }
  const evidence = evaluation.thresholds.find((one) => one.least === chosen) ?? {};
  await asCommand({ role: "operator", reason: "Limiar da leitura por comando" }, (client) =>
    client.query("select blindagem.set_reader_threshold($1, $2, $3, $4, $5, $6)", [
      READER_VERSION,
      chosen,
      least === undefined ? "REVIEWS" : "OPERATOR",
      JSON.stringify(evidence),
      reason,
      loosen === true,
    ]),
  );
  process.stdout.write(`Limiar ${percent(chosen)} em vigor (antes ${percent(inForce)}).\n`);
}

/**
 * The least strict threshold that keeps the promise.
 *
 * @throws Error when none is shown to: too few documents were looked at, or too many were wrong
 */
function stricter({ thresholds }: Evaluation): number {
  const found = thresholds.find(({ keeps }) => keeps);
  if (found) return found.least;
  throw new Error(
    `As conferências não bastam para provar, com nenhum limiar, um risco de no máximo ${percent(PROMISED.risk)} (confiança ${percent(PROMISED.confidence)}): confira mais documentos aceitos, ou diga o limiar com --least.`,
  );
}

function table(
  { coverage, wrong, amounts, calibration, thresholds }: Evaluation,
  inForce: number,
  count: number,
): string {
  return [
    `Leitor ${READER_VERSION}, limiar em vigor ${percent(inForce)}; documentos conferidos por pessoas: ${count}`,
    `  aceitos                 ${shareText(coverage)}`,
    `  errados entre os aceitos ${shareText(wrong)}`,
    `  valor certo             ${shareText(amounts)}`,
    "Calibração dos aceitos (dita, certa)",
    ...calibration.map((bin: Bin) => `  ${percent(bin.told)}  ${shareText(bin.right)}`),
    `Limiares (risco de no máximo ${percent(PROMISED.risk)}, confiança ${percent(PROMISED.confidence)})`,
    ...thresholds.map(
      ({ least, accepted, wrong: errors, bound, keeps }) =>
        `  ${percent(least)}  aceitos ${accepted}, errados ${errors}, risco até ${percent(bound)}${keeps ? "  cumpre" : ""}`,
    ),
  ].join("\n");
}

function shareText({ count, of, least, most }: Share): string {
  if (of === 0) return "nenhum";
  return `${count} de ${of}: ${percent(count / of)} (${percent(least)} a ${percent(most)})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2).replace(".", ",")} %`;
}
