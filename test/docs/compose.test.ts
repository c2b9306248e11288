import { createRequire } from "node:module";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { environment } from "../../src/config.ts";
import { commandNames } from "./cli.ts";
import { textOf } from "./markdown.ts";

// The reader of YAML comes with graphile-worker, whose configuration may be YAML.
const yaml = z
  .object({ load: z.function({ input: [z.string()], output: z.unknown() }) })
  .parse(createRequire(import.meta.url)("js-yaml"));

const compose = z.looseObject({
  services: z.record(
    z.string(),
    z.looseObject({
      build: z.string().optional(),
      command: z.array(z.string()),
      environment: z.record(z.string(), z.string()),
      volumes: z.array(z.string()).optional(),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
    }),
  ),
  volumes: z.record(z.string(), z.null()),
});

let text: string;
let services: z.infer<typeof compose>["services"];
let volumes: string[];

beforeAll(async () => {
  text = await textOf("docker-compose.yml");
  const parsed = compose.parse(yaml.load(text));
  services = parsed.services;
  volumes = Object.keys(parsed.volumes);
});

const ours = () => Object.entries(services).filter(([, service]) => service.build !== undefined);

describe("docker-compose.yml", () => {
  it("runs commands that the executable has", async () => {
    const known = await commandNames();
    expect(ours().map(([name]) => name)).toEqual(["migrate", "api", "worker", "seal"]);
    for (const [, { command }] of ours()) expect(known).toContain(command[0]);
  });

  it("sets variables that src/config.ts knows", () => {
    const known = Object.keys(environment.shape);
    for (const [, service] of ours()) {
      for (const name of Object.keys(service.environment)) expect(known).toContain(name);
    }
  });

  it("gives each process its own connection alone, and its passwords to the one that sets them", () => {
    const secrets = Object.fromEntries(
      ours().map(([name, service]) => [
        name,
        Object.keys(service.environment).filter((each) => /DATABASE_URL|PASSWORD/.test(each)),
      ]),
    );
    expect(secrets).toEqual({
      migrate: ["DATABASE_URL", "AUTHENTICATOR_PASSWORD", "WORKER_PASSWORD", "SEALER_PASSWORD"],
      api: ["AUTHENTICATOR_DATABASE_URL"],
      worker: ["WORKER_DATABASE_URL"],
      seal: ["SEALER_DATABASE_URL"],
    });
  });

  it("sends commands that work through the API to the container that serves it", () => {
    const { BLINDAGEM_URL: url = "", PORT: port } = services.api?.environment ?? {};
    expect(new URL(url).hostname).toBe("api");
    expect(new URL(url).port).toBe(port);
  });

  it("starts processes on a migrated database only", () => {
    for (const name of ["api", "worker", "seal"]) {
      expect(services[name]?.depends_on).toEqual({
        migrate: { condition: "service_completed_successfully" },
      });
    }
    expect(services.migrate?.depends_on).toEqual({ postgres: { condition: "service_healthy" } });
  });

  it("takes from .env what .env.example has", async () => {
    const example = await textOf(".env.example");
    const used = [...text.matchAll(/\$\{([A-Z_]+)/g)].flatMap(([, name]) => name ?? []);
    expect(used.length).toBeGreaterThan(20);
    for (const name of used) expect(example).toMatch(new RegExp(`^${name}=`, "m"));
  });

  it("gives each process what it reads of .env beside its own: who set it would wait for its effect in vain", () => {
    const readers = {
      WORKER_DEAD_AFTER_MS: ["api", "worker", "seal"],
      HISTORY_DAYS: ["worker"],
      CHECKPOINT_DAYS: ["worker"],
      AUDIT_KEEP_MONTHS: ["seal"],
    };
    for (const [name, reading] of Object.entries(readers)) {
      const given = ours().filter(([, service]) => name in service.environment);
      expect([name, given.map(([service]) => service)]).toEqual([name, reading]);
    }
  });

  it("shares documents between those that store and those that read them", () => {
    const documents = "documents:/var/lib/blindagem/documents";
    expect(volumes).toEqual(["postgres", "documents", "checkpoints"]);
    const sharing = Object.keys(services).filter((name) =>
      services[name]?.volumes?.includes(documents),
    );
    expect(sharing).toEqual(["api", "worker"]);
  });

  it("does not fix the name of a container that is to be scaled", () => {
    expect(text).not.toMatch(/container_name/);
  });
});
