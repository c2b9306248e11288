import { AuditFault } from "../fault.ts";
import { isAbsent } from "./absent.ts";
import { blocksOf } from "./blocks.ts";
import { PERSONAL_FILE, type PersonalLine, personalLineSchema } from "./manifest.ts";
import type { Findings } from "./report.ts";

/** What stands beside a bundle's records, read along with them. */
export class PersonalLines {
  readonly #lines: AsyncGenerator<string>;
  readonly #findings: Findings;
  readonly #read = new Map<number, PersonalLine>();
  #lastIndex = -1;
  #number = 0;

  /** @param file which need not exist */
  constructor(file: string, findings: Findings) {
    this.#lines = linesOf(file);
    this.#findings = findings;
  }

  /** Reads on to what belongs to that record. */
  async readTo(index: number): Promise<void> {
    while (this.#lastIndex < index) {
      const { value, done } = await this.#lines.next();
      if (done) return;
      this.#number += 1;
      const line = parseLine(value);
      if (line === undefined || line.index <= this.#lastIndex) this.#tell();
      else {
        this.#lastIndex = line.index;
        this.#read.set(line.index, line);
      }
    }
  }

  /** What belongs to that record; it can be taken once. */
  take(index: number): PersonalLine | undefined {
    if (this.#read.size === 0) return undefined;
    const line = this.#read.get(index);
    this.#read.delete(index);
    return line;
  }

  /** Tells of what belongs to no record of the bundle. */
  async finish(): Promise<void> {
    await this.readTo(Number.POSITIVE_INFINITY);
    for (const index of this.#read.keys()) {
      const message = `Há valores para o índice ${index}, de que o pacote não tem registro.`;
      this.#findings.fault(new AuditFault("MALFORMED", message), { file: PERSONAL_FILE, index });
    }
  }

  /** Gives the file back, wherever reading ended. */
  async close(): Promise<void> {
    await this.#lines.return(undefined);
  }

  #tell(): void {
    const message = `A linha ${this.#number} não traz valores de um registro, ou está fora de ordem.`;
    this.#findings.fault(new AuditFault("MALFORMED", message), { file: PERSONAL_FILE });
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  try {
    for await (const block of blocksOf(file)) yield* block.toString("utf8").split("\n");
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

function parseLine(text: string): PersonalLine | undefined {
  try {
    return personalLineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
