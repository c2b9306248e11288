import { describe, expect, it } from "@jest/globals";
import { inheritedVariables, loadEnvironment, loginUrl } from "../src/config.ts";

describe("loadEnvironment", () => {
  it("has a default for everything, and takes an empty variable as unset", () => {
    expect(loadEnvironment({})).toMatchObject({
      HOST: "127.0.0.1",
      PORT: 5678,
      STATE_DIRECTORY: ".blindagem",
      ROLE_PREFIX: "blindagem",
      CNPJWS_PER_MINUTE: 3,
      SANDBOX: false,
    });
    expect(loadEnvironment({ PORT: "", DATABASE_URL: "", HOST: "" })).toEqual(loadEnvironment({}));
  });

  it("reads numbers, flags and lists", () => {
    expect(
      loadEnvironment({
        PORT: "0",
        SANDBOX: "true",
        TRUSTED_PROXIES: " 10.0.0.0/8 ,, ::1 ",
        CNPJWS_PER_MINUTE: "0.5",
      }),
    ).toMatchObject({
      PORT: 0,
      SANDBOX: true,
      TRUSTED_PROXIES: ["10.0.0.0/8", "::1"],
      CNPJWS_PER_MINUTE: 0.5,
    });
  });

  it.each([
    ["PORT", "65536"],
    ["PORT", "80a"],
    ["WORKER_CONCURRENCY", "0"],
    ["WORKER_CONCURRENCY", "2.5"],
    ["DATABASE_URL", "mysql://u:secret-in-url@h/d"],
    ["CNPJWS_URL", "ftp://secret-in-url.example"],
    ["JWT_SECRET", "secret-in-url"],
    ["SANDBOX", "yes"],
    ["CNPJWS_PER_MINUTE", "0"],
    ["PLUGGY_PER_MINUTE", "0.5"],
    ["LOG_LEVEL", "loud"],
    ["TRUSTED_PROXIES", "loopback"],
    ["TRUSTED_PROXIES", "10.0.0.0/33"],
    ["TRUSTED_PROXIES", "10.0.0.0/8, ::1/129"],
    ["PLUGGY_WEBHOOK_ADDRESSES", "10.0.0.0/x"],
  ])("refuses %s=%s by name, without repeating the value", (name, value) => {
    const load = () => loadEnvironment({ [name]: value });
    expect(load).toThrow(name);
    expect(load).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("secret-in-url") }),
    );
  });

  it("names all that is wrong at once, in Portuguese", () => {
    const load = () =>
      loadEnvironment({
        PORT: "x",
        JWT_SECRET: "short",
        JWKS_URL: "y",
        WORKER_CONCURRENCY: "65",
        SANDBOX: "yes",
        PLUGGY_WEBHOOK_ADDRESSES: "192.0.2.7,fd00::/8,::ffff:0:0/96,nowhere",
      });
    expect(load).toThrow(
      [
        'O ambiente não está certo; veja "Configure" no README:',
        "  PORT: espera-se um número",
        "  JWT_SECRET: Demasiado pequeno: esperava que o texto tivesse >= 32 caracteres",
        "  JWKS_URL: espera-se um endereço http:// ou https://",
        "  WORKER_CONCURRENCY: Demasiado grande: esperava que o número fosse <= 64",
        "  PLUGGY_WEBHOOK_ADDRESSES.3: espera-se um endereço IP, ou uma rede como 10.0.0.0/8",
        '  SANDBOX: Opção inválida: esperava uma das seguintes opções: "true"|"false"',
      ].join("\n"),
    );
  });
});

describe("loginUrl", () => {
  it("changes login and password alone, whatever characters are in them", () => {
    const url = new URL(
      loginUrl("postgresql://a:b@h:5433/d?sslmode=require", "login", "p@s:s/%25 é"),
    );
    expect(decodeURIComponent(url.password)).toBe("p@s:s/%25 é");
    expect([url.username, url.host, url.pathname, url.search]).toEqual([
      "login",
      "h:5433",
      "/d",
      "?sslmode=require",
    ]);
  });
});

describe("inheritedVariables", () => {
  it("keeps connections, passwords and the signing secret from child processes", () => {
    const inherited = inheritedVariables({
      DATABASE_URL: "x",
      WORKER_DATABASE_URL: "x",
      SEALER_PASSWORD: "x",
      JWT_SECRET: "x",
      TEST_DATABASE_URL: "x",
      PATH: "/bin",
      CNPJWS_URL: "http://registry",
      UNSET: undefined,
    });
    expect(inherited).toEqual({ PATH: "/bin", CNPJWS_URL: "http://registry" });
  });
});
