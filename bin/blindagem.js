#!/usr/bin/env node
// The platform is TypeScript that Node.js runs as it is, which older versions cannot: they hand over to the Node.js
// that npm installed beside it.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
const [major, minor] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  await import(cli);
} else {
  const node = path.join(
    path.dirname(createRequire(import.meta.url).resolve("node/package.json")),
    "bin",
    "node",
  );
  const { status, signal } = spawnSync(node, [cli, ...process.argv.slice(2)], { stdio: "inherit" });
  if (signal) process.kill(process.pid, signal);
  process.exitCode = status ?? 1;
}
