import { verify } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { generateKey, loadSigner } from "../../src/audit/keys.ts";
import { COSIGNATURE_V1, ED25519, parseVerifierKey } from "../../src/audit/verifier-key.ts";
import { faultOf } from "./expect-fault.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "blindagem-keys-"));
});
afterAll(() => rm(directory, { recursive: true }));

const MESSAGE = Buffer.from("mensagem\n");

describe("generateKey", () => {
  it.each([ED25519, COSIGNATURE_V1])(
    "makes a key of type %i whose two halves fit",
    async (type) => {
      const { text, key } = generateKey("registro.example", type);
      expect(text).toMatch(/^PRIVATE\+KEY\+registro\.example\+[0-9a-f]{8}\+/);
      expect(parseVerifierKey(key.text)).toMatchObject({
        name: "registro.example",
        id: key.id,
        type,
      });
      const signer = await loadSigner({ text });
      expect(signer.key.text).toBe(key.text);
      expect(verify(null, MESSAGE, key.publicKey, await signer.sign(MESSAGE))).toBe(true);
    },
  );

  it.each(["", "com espaço", "a+b", "linha\n"])("refuses the name %j", (name) => {
    expect(() => generateKey(name)).toThrow(faultOf("MALFORMED"));
  });
});

describe("loadSigner", () => {
  it("reads a file that its owner alone can read", async () => {
    const { text, key } = generateKey("registro.example");
    const file = join(directory, "key");
    await writeFile(file, `${text}\n`, { mode: 0o600 });
    expect((await loadSigner({ file })).key.text).toBe(key.text);
    await chmod(file, 0o640);
    await expect(loadSigner({ file })).rejects.toThrow(`chmod 600 ${file}`);
  });

  it("refuses a damaged key without telling it", async () => {
    const { text } = generateKey("registro.example");
    const other = generateKey("registro.example").text;
    const mixed = `${text.slice(0, text.lastIndexOf("+"))}${other.slice(other.lastIndexOf("+"))}`;
    for (const damaged of [text.slice(0, -8), text.slice(12), "", mixed]) {
      const failure: unknown = await loadSigner({ text: damaged }).catch((error: unknown) => error);
      expect(failure).toEqual(faultOf("MALFORMED"));
      expect(String(failure)).not.toContain(text.slice(-20, -8));
    }
  });

  describe("with a command", () => {
    /** A stand-in for the client of a key service: signs with a key file of its own. */
    async function serviceWith(text: string, encoding: string): Promise<string[]> {
      const script = join(directory, `sign-${encoding || "raw"}.mjs`);
      await writeFile(
        script,
        `import { loadSigner } from ${JSON.stringify(new URL("../../src/audit/keys.ts", import.meta.url).pathname)};
         import { buffer } from "node:stream/consumers";
         const signer = await loadSigner({ text: ${JSON.stringify(text)} });
         const signature = Buffer.from(await signer.sign(await buffer(process.stdin)));
         process.stdout.write(${encoding ? `signature.toString("${encoding}") + "\\n"` : "signature"});`,
      );
      return [process.execPath, script];
    }

    it.each(["", "base64"])("signs what it answers, in %j", async (encoding) => {
      const { text, key } = generateKey("registro.example");
      const command = await serviceWith(text, encoding);
      const signer = await loadSigner({ command, verifierKey: key.text });
      expect(verify(null, MESSAGE, key.publicKey, await signer.sign(MESSAGE))).toBe(true);
    });

    it("refuses an answer of another key", async () => {
      const command = await serviceWith(generateKey("registro.example").text, "hex");
      const { key } = generateKey("registro.example");
      const signer = await loadSigner({ command, verifierKey: key.text });
      await expect(signer.sign(MESSAGE)).rejects.toThrow(
        "não respondeu com uma assinatura da chave",
      );
    });

    it("says what a command said that failed, and of one that is not there", async () => {
      const { key } = generateKey("registro.example");
      const failing = [process.execPath, "-e", "console.error('sem permissão'); process.exit(3)"];
      const signer = await loadSigner({ command: failing, verifierKey: key.text });
      await expect(signer.sign(MESSAGE)).rejects.toThrow("falhou: sem permissão");
      const absent = await loadSigner({ command: ["/nonexistent"], verifierKey: key.text });
      await expect(absent.sign(MESSAGE)).rejects.toThrow("ENOENT");
    });
  });
});
