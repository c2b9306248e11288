import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { formatProof, type Proof, parseProof, verifyProof } from "../../src/audit/proof.ts";
import { inclusionPath, leafHash } from "../../src/audit/tree.ts";
import { TestLog } from "./bundle/test-log.ts";
import { faultOf } from "./expect-fault.ts";
import { plainRoot } from "./merkle.ts";
import { listed, newSigner, newWitness } from "./signing.ts";

const log = new TestLog();
for (let count = 0; count < 21; count++) log.record();
const leaves = log.hashes();

let keys: ReturnType<typeof listed>[];
let checkpoint: string;
beforeAll(async () => {
  const signer = await newSigner("registro.example");
  const witness = await newWitness("conselho.example");
  keys = [listed("log", signer), listed("witness", witness)];
  checkpoint = await log.checkpoint([signer], { witnesses: [witness] });
});

function proofOf(index: number): Proof {
  const path = inclusionPath(index, leaves.length).map(({ start, end }) =>
    plainRoot(leaves.slice(start, end)),
  );
  return { index, path, checkpoint, extra: Buffer.from(log.entries[index] ?? "") };
}

describe("a proof file", () => {
  it("reads back as it was written, and proves its leaf alone", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), (index, other) => {
        const text = formatProof(proofOf(index));
        const proof = parseProof(text);
        expect(formatProof(proof)).toBe(text);
        expect(text.split("\n")[0]).toBe("c2sp.org/tlog-proof@v1");
        const { cosignatures } = verifyProof(proof, leafHash(proof.extra ?? ""), keys);
        expect(cosignatures.map(({ key }) => key.name)).toEqual(["conselho.example"]);
        if (other === index) return;
        const swapped = leaves[other] ?? leafHash("");
        expect(() => verifyProof(proof, swapped, keys)).toThrow(faultOf("NOT_INCLUDED"));
        const moved = { ...proof, index: other };
        expect(() => verifyProof(moved, leafHash(proof.extra ?? ""), keys)).toThrow(
          faultOf("NOT_INCLUDED"),
        );
      }),
    );
  });

  it("goes without extra data", () => {
    const { extra: _, ...bare } = proofOf(3);
    expect(parseProof(formatProof(bare))).toEqual({ ...bare, extra: undefined });
  });

  it("with a forged checkpoint or unknown keys proves nothing", () => {
    const proof = proofOf(3);
    const leaf = leafHash(proof.extra ?? "");
    const forged = { ...proof, checkpoint: checkpoint.replace("\n21\n", "\n22\n") };
    expect(() => verifyProof(forged, leaf, keys)).toThrow(faultOf("FORGED"));
    expect(() => verifyProof(proof, leaf, [])).toThrow(faultOf("UNSIGNED"));
    const short = { ...proof, path: proof.path.slice(1) };
    expect(() => verifyProof(short, leaf, keys)).toThrow(faultOf("NOT_INCLUDED"));
  });

  it.each([
    ["another title", (text: string) => text.replace("@v1", "@v2")],
    ["no index", (text: string) => text.replace(/index \d+\n/, "")],
    ["an index with a leading zero", (text: string) => text.replace("index 3", "index 03")],
    ["extra data that is no base64", (text: string) => text.replace("extra ", "extra !")],
    ["a short hash", (text: string) => text.replace(/(index 3\n)..../, "$1")],
    ["no empty line", (text: string) => text.replaceAll("\n\n", "\n")],
    [
      "a path of no tree",
      (text: string) => text.replace(/\n\n/, `\n${"A".repeat(43)}=`.repeat(64).concat("\n\n")),
    ],
  ])("is refused with %s", (_, edit) => {
    const edited = edit(formatProof(proofOf(3)));
    expect(() => parseProof(edited)).toThrow(faultOf("MALFORMED"));
  });
});
