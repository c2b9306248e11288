import { access, readdir } from "node:fs/promises";
import { describe, expect, it } from "@jest/globals";
import { commandNames } from "./cli.ts";
import { inRepository, textOf } from "./markdown.ts";

const UNITS = ["blindagem-api.service", "blindagem-seal.service", "blindagem-worker@.service"];

describe("the units of systemd", () => {
  it("are those of the three processes, and run commands that the executable has", async () => {
    const files = await readdir(inRepository("deploy"));
    expect(files.filter((name) => name.endsWith(".service")).sort()).toEqual(UNITS);
    const known = await commandNames();
    for (const unit of UNITS) {
      const command = /^ExecStart=\S+ src\/cli\.ts (\S+)$/m.exec(
        await textOf(`deploy/${unit}`),
      )?.[1];
      expect(known).toContain(command);
    }
  });

  it.each(UNITS)("%s lets its process finish before it kills", async (unit) => {
    const text = await textOf(`deploy/${unit}`);
    expect(text).toMatch(/^KillSignal=SIGTERM$/m);
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(text)?.[1])).toBeGreaterThanOrEqual(30);
  });

  it.each(UNITS)("%s runs without privileges, with an environment of its own", async (unit) => {
    const text = await textOf(`deploy/${unit}`);
    expect(text).toMatch(/^User=blindagem$/m);
    expect(text).toMatch(/^NoNewPrivileges=yes$/m);
    expect(text).toMatch(/^ProtectSystem=strict$/m);
    const name = /^blindagem-([a-z]+)/.exec(unit)?.[1];
    expect(text).toMatch(new RegExp(`^EnvironmentFile=/etc/blindagem/${name}\\.env$`, "m"));
  });
});

describe("the Dockerfile", () => {
  it("copies what is there and what .dockerignore lets through", async () => {
    const dockerfile = await textOf("Dockerfile");
    const ignored = await textOf(".dockerignore");
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) =>
      (paths ?? "").split(" "),
    );
    expect(copied).toContain("src");
    for (const path of copied) {
      await expect(access(inRepository(path))).resolves.toBeUndefined();
      expect(ignored).toMatch(new RegExp(`^!${path.replace(".", "\\.")}$`, "m"));
    }
  });

  it("ends as a user without privileges, with the process itself first", async () => {
    const dockerfile = await textOf("Dockerfile");
    const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));
    expect(last).toMatch(/^USER node$/m);
    expect(last).toMatch(/^ENTRYPOINT \["node", "src\/cli\.ts"\]$/m);
  });
});
