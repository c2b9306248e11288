import { beforeAll, describe, expect, it } from "@jest/globals";
import { formatCheckpoint } from "../../src/audit/checkpoint.ts";
import { cosign, verifyCosignatures } from "../../src/audit/cosignature.ts";
import { formatNote, parseNote, type Signer, signNote } from "../../src/audit/note.ts";
import { leafHash } from "../../src/audit/tree.ts";
import { faultOf } from "./expect-fault.ts";
import { newSigner, newWitness } from "./signing.ts";

const AT = new Date("2026-11-24T12:00:00.900Z");
const TEXT = formatCheckpoint({ origin: "o", size: 1, root: leafHash("1"), extensions: [] });

let log: Signer;
let witness: Signer;
beforeAll(async () => {
  log = await newSigner("registro.example");
  witness = await newWitness("testemunha.example");
});

async function cosigned(text = TEXT) {
  const note = parseNote(await signNote(TEXT, [log]));
  note.signatures.push(await cosign(text, witness, AT));
  return parseNote(formatNote(note));
}

describe("a cosignature", () => {
  it("verifies with its time, in whole seconds", async () => {
    const found = verifyCosignatures(await cosigned(), [witness.key]);
    expect(found).toMatchObject([{ key: witness.key, timestamp: AT.getTime() / 1000 - 0.9 }]);
  });

  it("of an unknown witness is passed over", async () => {
    expect(verifyCosignatures(await cosigned(), [log.key])).toEqual([]);
    const stranger = await newWitness("testemunha.example");
    expect(verifyCosignatures(await cosigned(), [stranger.key])).toEqual([]);
  });

  it("for another checkpoint or another time is a forgery", async () => {
    const other = await cosigned(TEXT.replace("\n1\n", "\n2\n"));
    expect(() => verifyCosignatures(other, [witness.key])).toThrow(faultOf("FORGED"));
    for (const alter of [
      (bytes: Uint8Array) => bytes.fill(0xff, 0, 8),
      (bytes: Uint8Array) => bytes.fill(0, 7, 8),
      (bytes: Uint8Array) => bytes.subarray(0, 8),
      (bytes: Uint8Array) => bytes.subarray(0, 71),
    ]) {
      const note = await cosigned();
      const [first, last] = note.signatures;
      if (!first || !last) throw new Error("unreachable");
      const signatures = [first, { ...last, bytes: alter(Uint8Array.from(last.bytes)) }];
      expect(() => verifyCosignatures({ ...note, signatures }, [witness.key])).toThrow(
        faultOf("FORGED"),
      );
    }
  });

  it("is not made with a key for notes", async () => {
    await expect(cosign(TEXT, log, AT)).rejects.toThrow(faultOf("MALFORMED"));
  });
});
