import { tableRows } from "../../docs/markdown.ts";
import { type Attack, type AttackNotRun, DETECTORS, type Detector } from "./attack.ts";
import { MATRIX } from "./matrix.ts";

const HEADINGS = ["Ataque", "Como quem", "Resultado", "Notado por", "Tempo"];
const BEGIN = "<!-- matriz -->";
const END = "<!-- fim da matriz -->";

/** A row of the table without its time. */
export function rowOf(attack: Attack | AttackNotRun): string[] {
  const { name, as } = attack;
  if ("notRun" in attack) return [name, as, attack.notRun, "—"];
  return [name, as, resultOf(attack), noticedBy(attack)];
}

function resultOf({ detections }: Attack): string {
  if (detections.every((each) => each.startsWith("database "))) return "recusado";
  return detections.every((each) => /^(?:log|auditor) /.test(each))
    ? "feito; o registro o declara"
    : "feito, e descoberto";
}

function noticedBy({ detections }: Attack): string {
  const detectors = Object.keys(DETECTORS).filter((key): key is Detector => key in DETECTORS);
  return detectors
    .flatMap((detector) => {
      const codes = detections.flatMap((each) =>
        each.startsWith(`${detector} `) ? [`\`${each.slice(detector.length + 1)}\``] : [],
      );
      return codes.length > 0 ? [`${DETECTORS[detector]}: ${codes.sort().join(", ")}`] : [];
    })
    .join("; ");
}

/** The page with the matrix as it is now. @param delays milliseconds, by attack; others keep what the page has */
export function withMatrix(page: string, delays: ReadonlyMap<Attack, number>): string {
  const known = new Map(tableRows(page).map((row) => [keyOf(row), row[4]]));
  const parts = MATRIX.flatMap(({ heading, attacks }) => {
    const rows = attacks.map((attack) => [
      ...rowOf(attack),
      "notRun" in attack
        ? "—"
        : (timeOf(delays.get(attack)) ?? known.get(keyOf(rowOf(attack))) ?? "—"),
    ]);
    return [`### ${heading}`, "", ...table([HEADINGS, ...rows]), ""];
  });
  const [before = "", after = ""] = [page.split(BEGIN)[0], page.split(END)[1]];
  return `${before}${BEGIN}\n\n${parts.join("\n")}\n${END}${after}`;
}

const keyOf = (row: readonly string[]) => row.slice(0, 2).join(", ");

function timeOf(milliseconds: number | undefined): string | undefined {
  if (milliseconds === undefined) return undefined;
  if (milliseconds < 1000) return `${Math.max(1, Math.round(milliseconds))} ms`;
  return `${(milliseconds / 1000).toFixed(1).replace(".", ",")} s`;
}

function table(rows: readonly string[][]): string[] {
  const widths = HEADINGS.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [
    line(head),
    `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`,
    ...body.map(line),
  ];
}
