import type { AuditFault, FaultCode } from "../fault.ts";

/** Where something was found. */
export interface Place {
  /** Of the bundle. */
  file?: string;
  /** Of the leaf. */
  index?: number;
  /** The record's id. */
  record?: string;
}

export interface ReportedFault {
  code: FaultCode;
  message: string;
  where: Place;
  /** How to read it. */
  meaning: string;
}

/** What is worth knowing and nothing wrong in itself. */
export type NoticeCode =
  | "OUT_OF_BAND"
  | "OUT_OF_BAND_PLATFORM"
  | "ERASED"
  | "ERASED_DOCUMENTS"
  | "WITHHELD"
  | "WITHHELD_RECORDS"
  | "BEFORE_INTENTS"
  | "KEYS_FROM_BUNDLE"
  | "UNWITNESSED"
  | "ELSEWHERE"
  | "GAPS";

export interface Notice {
  code: NoticeCode;
  message: string;
  count: number;
  /** The first places. */
  examples: Place[];
}

/** A known witness who cosigned one of the checkpoints. */
export interface ReportedWitness {
  name: string;
  /** When, as it says itself. */
  at: string;
  /** How many leaves it vouches for. */
  size: number;
}

export interface BundleReport {
  /** Whether nothing is wrong. */
  ok: boolean;
  origin: string;
  treeSize: number;
  /** The first of each code; `faultCounts` says how many there are. */
  faults: ReportedFault[];
  faultCounts: Partial<Record<FaultCode, number>>;
  notices: Notice[];
  /** What was erased of people: by which ERASURE record, when, and in how many of the bundle's records. */
  erasures: { erasureId: string; erasedAt: string; records: number }[];
  /** Whose cosignatures the checkpoints have, the last one's first. */
  witnesses: ReportedWitness[];
  /** In whose names checkpoints, of so many leaves, have false signatures: each is a fault FORGED, too. */
  forgedWitnesses: { name: string; size: number }[];
  counts: {
    records: number;
    attested: number;
    intents: number;
    checkpoints: number;
    closings: number;
    documents: number;
    tiles: number;
  };
}

const SHOWN_FAULTS = 100;
const SHOWN_EXAMPLES = 10;

/** How to read each fault. */
export const MEANINGS: Record<FaultCode, string> = {
  MALFORMED: "O arquivo foi danificado ou alterado; peça outro pacote e compare.",
  UNKNOWN_FORMAT: "Este verificador é mais antigo que o pacote; use uma versão mais nova.",
  MISSING_FILE: "Sem este arquivo nem tudo pode ser conferido; peça o pacote completo.",
  FORGED: "Alguém alterou o texto depois de assinado, ou assinou em nome de outro.",
  UNSIGNED:
    "Ninguém em quem o leitor confia assinou; confira se a lista de chaves é a do registro.",
  KEY_OUT_OF_RANGE: "A chave já tinha sido trocada (ou ainda não valia): pode ter sido roubada.",
  WRONG_ORIGIN: "O checkpoint é de outro registro.",
  ROOT_MISMATCH: "A árvore do pacote não é a que o registro assinou.",
  TILE_MISMATCH: "Os hashes da árvore foram alterados neste bloco.",
  LEAF_MISMATCH: "O conteúdo deste registro não é o que foi selado: foi alterado depois.",
  NOT_INCLUDED: "O registro não está na árvore assinada.",
  FORK: "O registro mostrou histórias diferentes a leitores diferentes, ou foi reescrito.",
  ROLLBACK: "Registros que já estavam selados foram retirados do fim do registro.",
  DUPLICATE_INDEX: "Dois registros no mesmo lugar: um deles foi acrescentado ao pacote.",
  WRONG_ORDER: "Os registros não estão na ordem em que as mudanças aconteceram.",
  FOREIGN_RECORD: "O pacote traz um registro que não é de quem ele diz ser.",
  OLD_FORMAT:
    "Um registro num formato que já não se usava: pode ter sido gravado para fugir das assinaturas.",
  UNATTESTED:
    "O processo que teria agido não assinou esta mudança: outra pessoa, com acesso ao banco de dados, pode tê-la feito.",
  INTENT_MISMATCH: "Uma assinatura verdadeira foi copiada para outra transação.",
  COMMITMENT_MISMATCH: "O dado pessoal mostrado não é o que foi gravado.",
  BROKEN_CHAIN:
    "Entre dois registros a linha mudou sem deixar registro: alguém a alterou com os gatilhos desligados.",
  DOCUMENT_MISMATCH:
    "O documento não é o que foi entregue: foi trocado depois, ou é de outro. Peça-o de novo.",
};

const NOTICES: Record<NoticeCode, string> = {
  OUT_OF_BAND: "Mudanças feitas fora da plataforma (em SQL, por exemplo); os registros o dizem.",
  OUT_OF_BAND_PLATFORM:
    "Mudanças feitas fora da plataforma no que vale para todas as administradoras (regras, categorias); `blindagem migrate`, sem a chave de intenções, deixa as suas a cada versão.",
  ERASED: "Registros com dados pessoais apagados: o compromisso prova que havia um valor.",
  ERASED_DOCUMENTS:
    "Documentos apagados (LGPD), como diz o manifesto; o registro ERASURE da administradora os nomeia pelo SHA-256.",
  WITHHELD: "Registros com dados pessoais que não foram mostrados neste pacote.",
  WITHHELD_RECORDS:
    "Registros das mesmas transações que não foram mostrados: não são para este leitor, ou não são do mês. O hash deles foi conferido.",
  BEFORE_INTENTS: "Registros de antes das assinaturas por transação (formatos 1 a 3).",
  KEYS_FROM_BUNDLE:
    "As chaves vieram do próprio pacote: ele confere consigo mesmo. Confira-as com as que o registro publica (--keys).",
  UNWITNESSED: "Nenhuma testemunha conhecida assinou junto, nem o checkpoint nem um anterior.",
  ELSEWHERE:
    "Registros, de quem quer que sejam, de meses que já tinham saído do banco: estão em pacotes próprios, que se conferem à parte. O manifesto diz quais meses (elsewhere).",
  GAPS: "Folhas da árvore sem registro no pacote: são de outras organizações. É o normal.",
};

/** Gathers what a verification finds. */
export class Findings {
  readonly faults: ReportedFault[] = [];
  readonly faultCounts: Partial<Record<FaultCode, number>> = {};
  readonly #notices = new Map<NoticeCode, Notice>();

  fault({ code, message }: Pick<AuditFault, "code" | "message">, where: Place): void {
    const count = (this.faultCounts[code] ?? 0) + 1;
    this.faultCounts[code] = count;
    if (count > SHOWN_FAULTS) return;
    this.faults.push({ code, message, where, meaning: MEANINGS[code] });
  }

  notice(code: NoticeCode, where?: Place, count = 1): void {
    let notice = this.#notices.get(code);
    if (notice === undefined) {
      notice = { code, message: NOTICES[code], count: 0, examples: [] };
      this.#notices.set(code, notice);
    }
    notice.count += count;
    if (where !== undefined && notice.examples.length < SHOWN_EXAMPLES) notice.examples.push(where);
  }

  notices(): Notice[] {
    return [...this.#notices.values()];
  }
}
