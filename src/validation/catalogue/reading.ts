import type { OwnEntry } from "./entry.ts";
import { moment } from "./portuguese.ts";

const SOURCE = "Código Civil, art. 1.348, VIII; MP 2.200-2/2001, art. 10, § 2º";

/** Why a receipt's reading is not trusted. */
export const readingTexts = {
  TIMESTAMP_LOW_CONFIDENCE: {
    name: "data ou hora lida com pouca certeza",
    severity: "REVIEW",
    source: SOURCE,
    example: { value: "2026-11-05T17:12:00-03:00", confidence: 0.62 },
    text: (e) =>
      `A data ou a hora do documento foi lida com pouca certeza (${moment(e.value)}). Confira-a na imagem ou anexe uma cópia mais nítida.`,
  },
  TIMESTAMP_AMBIGUOUS: {
    name: "data ou hora com mais de uma leitura possível",
    severity: "REVIEW",
    source: SOURCE,
    example: { candidates: ["2026-11-05", "2026-11-06"] },
    text: (e) =>
      `O documento admite mais de uma data ou hora (${moment(e.candidates)}). Escolha a certa olhando a imagem.`,
  },
  TIMESTAMP_CONTRADICTED: {
    name: "data ou hora contrariada por um identificador do documento",
    severity: "REVIEW",
    source: SOURCE,
    example: { value: "2026-11-05T17:12:00-03:00" },
    text: (e) =>
      `A data impressa (${moment(e.value)}) não combina com a data contida em um identificador do documento. Um dos dois foi mal lido ou alterado: confira o original com quem o emitiu.`,
  },
  TIMESTAMP_MISSING: {
    name: "data não encontrada",
    severity: "REVIEW",
    source: SOURCE,
    example: {},
    text: () =>
      "Nenhuma data foi encontrada no documento. Confira se a imagem está completa ou informe a data na revisão.",
  },
  HOUR_MISSING: {
    name: "hora não encontrada",
    severity: "REVIEW",
    source: SOURCE,
    example: {},
    text: () =>
      "A data foi encontrada, mas não a hora que um comprovante deste tipo traz. Confira se a imagem está cortada ou ilegível.",
  },
  SCHEDULED_NOT_PAID: {
    name: "agendamento, não pagamento",
    severity: "REVIEW",
    source: SOURCE,
    example: {},
    text: () =>
      "O documento é um agendamento, que não prova pagamento. Anexe o comprovante definitivo, emitido depois do débito.",
  },
  UNREADABLE: {
    name: "documento ilegível",
    severity: "REVIEW",
    source: SOURCE,
    example: {},
    text: () =>
      "O documento não pôde ser lido. Anexe uma foto mais nítida, sem sombra e sem cortes, ou o PDF original.",
  },
} satisfies Record<string, OwnEntry>;
