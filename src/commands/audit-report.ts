import type {
  BundleReport,
  Notice,
  Place,
  ReportedFault,
  ReportedWitness,
} from "../audit/bundle/report.ts";
import { count } from "../validation/catalogue/portuguese.ts";

/** What was found in a bundle, as a person reads it. */
export function formatReport(report: BundleReport): string {
  const { origin, treeSize, counts, witnesses } = report;
  return [
    origin === ""
      ? "Este diretório não é um pacote, ou não está inteiro: o manifesto (manifest.json) falta ou não se pode ler. Um pacote é o que `blindagem audit export` grava."
      : `Registro ${origin}, ${treeSize} folhas; ${count(counts.records, "registro", "registros")} no pacote, ${count(counts.attested, "coberto", "cobertos")} por ${count(counts.intents, "intenção assinada", "intenções assinadas")}.`,
    ...witnessLines(witnesses),
    ...report.erasures.map(
      ({ erasureId, erasedAt, records }) =>
        `Dados pessoais de ${count(records, "registro", "registros")} apagados em ${erasedAt}, pelo registro ${erasureId}.`,
    ),
    ...report.notices.map(noticeLine),
    ...report.faults.map(faultLines),
    ...hiddenLine(report),
    report.ok ? "CONFERE: nada de errado foi encontrado." : "NÃO CONFERE.",
    "",
  ].join("\n");
}

/** Of each witness what it vouches for now: what it signed before says less. */
function witnessLines(witnesses: readonly ReportedWitness[]): string[] {
  return [...Map.groupBy(witnesses, ({ name }) => name).values()].flatMap((signed) => {
    const [last, ...before] = signed.toSorted((one, other) => other.size - one.size);
    if (last === undefined) return [];
    const earlier = before.length > 0 ? `; antes, mais ${before.length}` : "";
    return [
      `Testemunha ${last.name} assinou em ${last.at} as primeiras ${last.size} folhas${earlier}.`,
    ];
  });
}

function noticeLine({ code, message, count, examples }: Notice): string {
  const places = examples.map(placeOf).filter(Boolean).join("; ");
  return `Aviso ${code} (${count}): ${message}${places && ` Onde: ${places}${count > examples.length ? "; …" : ""}.`}`;
}

function faultLines({ code, message, where, meaning }: ReportedFault): string {
  return `Falha ${code}, ${placeOf(where)}: ${message}\n  ${meaning}`;
}

function placeOf({ file, index, record }: Place): string {
  return [
    ...(file === undefined ? [] : [file]),
    ...(index === undefined ? [] : [`índice ${index}`]),
    ...(record === undefined ? [] : [`registro ${record}`]),
  ].join(", ");
}

function hiddenLine({ faults, faultCounts }: BundleReport): string[] {
  const all = Object.values(faultCounts).reduce((sum, count) => sum + count, 0);
  return all > faults.length
    ? [`… e mais ${count(all - faults.length, "falha", "falhas")} dos mesmos tipos.`]
    : [];
}
