import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTHeaderParameters,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import { type ApiFixture, NOW, pick, SECRET, signToken, startApi } from "./api-fixture.ts";

const seconds = NOW.getTime() / 1000;
const ADMIN = { sub: "ana", app_metadata: { role: "admin" } };

let fixture: ApiFixture;
let issuer: { url: string; server: Server; privateKey: CryptoKey; spki: string };

beforeAll(async () => {
  issuer = await startIssuer();
  fixture = await startApi({
    jwt: {
      secret: SECRET,
      jwksUrl: issuer.url,
      audience: "authenticated",
      issuer: "https://issuer.example",
    },
  });
});
afterAll(async () => {
  await fixture.close();
  await new Promise((resolve) => issuer.server.close(resolve));
});

/** An issuer that publishes one RS256 key. */
async function startIssuer() {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  const keys = JSON.stringify({
    keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "RS256" }],
  });
  const server = createServer((_request, response) => response.end(keys));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/jwks`,
    server,
    privateKey,
    spki: await exportSPKI(publicKey),
  };
}

const right = { aud: "authenticated", iss: "https://issuer.example", exp: seconds + 600, ...ADMIN };

function asymmetric(
  claims: Record<string, unknown>,
  header: JWTHeaderParameters = { alg: "RS256", kid: "k1" },
) {
  return new SignJWT(claims).setProtectedHeader(header).sign(issuer.privateKey);
}

async function ask(token: string | undefined, headers: Record<string, string> = {}) {
  return fixture.request("/batch-expenses/1", {
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
  });
}

/** With a right token the request comes as far as "no such batch". */
const SIGNED_IN = 404;

describe("a token", () => {
  it("signs in when HS256 is made with the secret", async () => {
    expect((await ask(await signToken(right))).status).toBe(SIGNED_IN);
  });

  it("signs in when RS256 is made with a published key", async () => {
    expect((await ask(await asymmetric(right))).status).toBe(SIGNED_IN);
  });

  it("may carry the role at the top, as blindagem_role", async () => {
    const { app_metadata: _, ...top } = right;
    expect((await ask(await signToken({ ...top, blindagem_role: "admin" }))).status).toBe(
      SIGNED_IN,
    );
  });

  it("is refused when HS256 is made with the public key (algorithm confusion)", async () => {
    const forged = await signToken(right, issuer.spki);
    expect(await ask(forged)).toMatchObject({ status: 401, body: { error: { code: "BLD01" } } });
  });

  it("is refused without signature (alg none)", async () => {
    const unsigned = new UnsecuredJWT(right).encode();
    expect((await ask(unsigned)).status).toBe(401);
  });

  it.each([
    ["expired", { exp: seconds - 60 }],
    ["without end", { exp: undefined }],
    ["for another audience", { aud: "others" }],
    ["of another issuer", { iss: "https://elsewhere.example" }],
    ["not valid yet", { nbf: seconds + 60 }],
    ["without subject", { sub: undefined }],
  ])("is refused when %s", async (_name, changes) => {
    expect((await ask(await signToken({ ...right, ...changes }))).status).toBe(401);
  });

  it.each(["postgres", "blindagem_owner", "service_role", "authenticated", "anonymous", "Admin"])(
    "is refused with the role %s, which is none of ours",
    async (role) => {
      const answer = await ask(await signToken({ ...right, app_metadata: { role } }));
      expect(answer).toMatchObject({ status: 403, body: { error: { code: "BLD02" } } });
    },
  );

  it("is refused with a role that only user_metadata claims", async () => {
    const { app_metadata: _, ...rest } = right;
    expect((await ask(await signToken({ ...rest, user_metadata: { role: "admin" } }))).status).toBe(
      403,
    );
  });

  it("is refused with a role that the person does not have", async () => {
    expect(
      (await ask(await signToken({ ...right, app_metadata: { role: "operator" } }))).status,
    ).toBe(403);
    expect((await ask(await signToken({ ...right, sub: "nobody" }))).status).toBe(403);
  });

  it.each(["", "abc", "a.b.c", "eyJhbGciOiJIUzI1NiJ9..", "bld_short"])(
    "is refused when it is %p",
    async (token) => {
      expect((await ask(token)).status).toBe(401);
    },
  );

  it("is required", async () => {
    const answer = await ask(undefined);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });
});

describe("membership", () => {
  it("must be named when the role is held in several administradoras", async () => {
    await member(fixture.ids.beta, "duo");
    await member(fixture.ids.alfa, "duo");
    const claims = { ...right, sub: "duo", app_metadata: { role: "reviewer" } };
    expect(await ask(await signToken(claims))).toMatchObject({
      status: 400,
      body: { error: { code: "BLD04" } },
    });
    const named = { role: "reviewer", organization_id: fixture.ids.beta };
    expect((await ask(await signToken({ ...claims, app_metadata: named }))).status).toBe(SIGNED_IN);
    const foreign = { role: "reviewer", organization_id: "9999" };
    expect((await ask(await signToken({ ...claims, app_metadata: foreign }))).status).toBe(403);
  });

  it("ends at once, whatever the token still says", async () => {
    await member(fixture.ids.alfa, "leaver");
    const token = await signToken({ ...right, sub: "leaver", app_metadata: { role: "reviewer" } });
    expect((await ask(token)).status).toBe(SIGNED_IN);
    await fixture.database.pool("migrator").query(
      `update blindagem.members set valid_from = current_date - 10, valid_to = current_date - 1
         where person_id = (select id from blindagem.people where subject = 'leaver')`,
    );
    expect((await ask(token)).status).toBe(403);
  });
});

describe("an API key", () => {
  it("acts for a member, until it is revoked", async () => {
    const admin = {
      authorization: `Bearer ${await signToken(right)}`,
      "content-type": "application/json",
    };
    const mutate = async (query: string) =>
      (
        await fixture.request("/graphql", {
          method: "POST",
          headers: admin,
          body: JSON.stringify({ query }),
        })
      ).body;
    const created = await mutate(
      'mutation { createApiKey(input: { name: "ERP" }) { result { id key } } }',
    );
    const key = String(pick(created, "data", "createApiKey", "result", "key"));
    const id = String(pick(created, "data", "createApiKey", "result", "id"));

    expect((await ask(key, { "on-behalf-of": "ana" })).status).toBe(SIGNED_IN);
    expect((await ask(key)).status).toBe(400);
    expect((await ask(key, { "on-behalf-of": "otto" })).status).toBe(401);
    expect((await ask(`bld_${"0".repeat(64)}`, { "on-behalf-of": "ana" })).status).toBe(401);

    await mutate(
      `mutation { revokeApiKey(input: { apiKeyId: "${id}", reason: "vazou" }) { result } }`,
    );
    expect((await ask(key, { "on-behalf-of": "ana" })).status).toBe(401);
  });
});

async function member(organizationId: string, subject: string): Promise<void> {
  await fixture.database.asRequest(
    "admin",
    { organization_id: organizationId, actor_id: "person:1" },
    (client) =>
      client.query("select blindagem.add_member($1, 'Nome', $1 || '@example.com', 'reviewer')", [
        subject,
      ]),
  );
}
