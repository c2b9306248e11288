import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { handInCosignature } from "../../src/audit/hand-in-cosignature.ts";
import { formatKeyList } from "../../src/audit/key-list.ts";
import type { Signer } from "../../src/audit/note.ts";
import { type ApiFixture, startApi } from "../api/api-fixture.ts";
import { cosignedBy, newestOf } from "./cosigning.ts";
import { sealAll } from "./seal-all.ts";
import { listed, newWitness } from "./signing.ts";
import { testKeys } from "./test-keys.ts";

let fixture: ApiFixture;
let council: Signer;
let note: string;
beforeAll(async () => {
  council = await newWitness("conselho.example");
  fixture = await startApi({
    auditKeys: formatKeyList([...testKeys, listed("witness", council)]),
  });
  await sealAll(fixture.database);
  note = await newestOf(fixture.database);
});
afterAll(() => fixture.close());

describe("handInCosignature", () => {
  it("gives the log what was signed, with or without the last stroke of its address", async () => {
    const cosigned = await cosignedBy(note, [council]);
    await handInCosignature(`${fixture.url}/log`, cosigned, council.key);
    const served = await fetch(`${fixture.url}/log/checkpoint`);
    expect(await served.text()).toBe(cosigned);
    await handInCosignature(`${fixture.url}/log/`, cosigned, council.key);
  });

  it("says why it was not taken", async () => {
    const stranger = await newWitness("outro.example");
    const handIn = async (address: string, ...witnesses: Signer[]) =>
      handInCosignature(address, await cosignedBy(note, witnesses), stranger.key);
    const log = `${fixture.url}/log/`;
    await expect(handIn(log, stranger)).rejects.toThrow('em nome de "outro.example"');
    // Under a checkpoint that a witness of the list has signed already, it would be passed over.
    await expect(handIn(log, council, stranger)).rejects.toThrow(stranger.key.text);
    await expect(handIn("pacote", stranger)).rejects.toThrow("pacote não é um endereço");
    await expect(handIn("http://127.0.0.1:1/log/", stranger)).rejects.toThrow(
      "http://127.0.0.1:1/log/cosignatures não responde",
    );
  });
});
