import type { OwnEntry } from "./entry.ts";
import { day, list, moment, percent, text, type Value } from "./portuguese.ts";

const SOURCE = "Código Civil, art. 1.348, VIII; MP 2.200-2/2001, art. 10, § 2º";

const CAUSES: Readonly<Record<string, string>> = {
  EMPTY: "o arquivo está vazio",
  UNKNOWN_FORMAT: "o arquivo não é PNG, JPEG, WebP, TIFF nem PDF",
  HEIC: "o formato HEIC não é lido; salve a foto como JPEG",
  FILE_NOT_FOUND: "o arquivo não existe",
  FILE_NOT_READABLE: "o arquivo não pôde ser aberto",
  NOT_A_FILE: "não é um arquivo",
  FILE_TOO_LARGE: "o arquivo é grande demais",
  NO_TEXT: "não há texto legível nele",
  TOO_MANY_PIXELS: "a imagem é grande demais",
  BROKEN_IMAGE: "a imagem está danificada",
  BROKEN_PDF: "o PDF está danificado",
  ENCRYPTED_PDF: "o PDF está protegido por senha",
  TOO_MANY_PAGES: "o documento tem páginas demais",
  NO_PAGES: "o PDF não tem páginas",
  TOO_MUCH_TEXT: "o documento tem texto demais",
  PAGE_TIMEOUT: "a leitura demorou demais",
  DOCUMENT_TIMEOUT: "a leitura demorou demais",
  MEMORY_LIMIT: "a leitura precisou de memória demais",
};

const WITNESSES: Readonly<Record<string, string>> = {
  PIX_END_TO_END: "a que está no identificador do Pix",
  DFE_KEY: "o mês que está na chave da nota fiscal",
  WEEKDAY: "o dia da semana impresso",
};

/** Why a receipt's reading is not trusted. */
export const readingTexts = {
  TIMESTAMP_LOW_CONFIDENCE: {
    name: "data ou hora lida com pouca certeza",
    severity: "REVIEW",
    source: SOURCE,
    example: {
      value: "2026-11-05T17:12:00-03:00",
      confidence: 0.62,
      candidates: ["05/11/2026 17:12", "05/11/2026 11:12"],
    },
    text: (e) =>
      `A data ou a hora do documento, ${moment(e.value)}, foi lida com pouca certeza (${percent(e.confidence)}${otherReadings(e.candidates)}). Confira-a na imagem ou anexe uma cópia mais nítida.`,
  },
  TIMESTAMP_AMBIGUOUS: {
    name: "data ou hora com mais de uma leitura possível",
    severity: "REVIEW",
    source: SOURCE,
    example: { candidates: ["2026-05-11", "2026-11-05"] },
    text: (e) =>
      `O documento admite mais de uma data ou hora (${moment(e.candidates)}). Escolha a certa olhando a imagem.`,
  },
  TIMESTAMP_CONTRADICTED: {
    name: "data ou hora contrariada por um identificador do documento",
    severity: "REVIEW",
    source: SOURCE,
    example: { value: "2026-11-05T17:12:00-03:00", witness: "PIX_END_TO_END" },
    text: (e) =>
      `A data ou a hora lida, ${moment(e.value)}, não combina com ${witness(e.witness)}. Uma das duas foi mal lida ou alterada: confira o original com quem o emitiu.`,
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
    example: { value: "2026-11-05", printed: "1?:12" },
    text: (e) =>
      `A data foi lida (${day(e.value)}), mas não a hora que um comprovante deste tipo traz${printed(e.printed)}. Confira na imagem se ela está cortada ou ilegível, ou anexe uma cópia mais nítida.`,
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
    example: { cause: "ENCRYPTED_PDF" },
    text: (e) =>
      `O documento não pôde ser lido: ${cause(e.cause)}. Anexe uma foto nítida, sem sombra e sem cortes, ou o PDF original.`,
  },
} satisfies Record<string, OwnEntry>;

function cause(value: Value): string {
  return (typeof value === "string" ? CAUSES[value] : undefined) ?? "a leitura falhou";
}

function witness(value: Value): string {
  return (typeof value === "string" ? WITNESSES[value] : undefined) ?? "outro dado do documento";
}

function otherReadings(value: Value): string {
  return Array.isArray(value) && value.length > 0
    ? `; outras leituras: ${list(value.map(text))}`
    : "";
}

function printed(value: Value): string {
  return value === undefined || value === null ? "" : ` (no lugar dela está “${text(value)}”)`;
}
