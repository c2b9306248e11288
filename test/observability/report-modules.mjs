// Preloaded into a process: tells on standard error of which packages it loads modules.
import { registerHooks } from "node:module";

const told = new Set();

registerHooks({
  load(url, context, nextLoad) {
    const [, name] = /\/node_modules\/(@opentelemetry\/[\w-]+|prom-client)\//.exec(url) ?? [];
    if (name && !told.has(name)) {
      told.add(name);
      process.stderr.write(`loaded ${name}\n`);
    }
    return nextLoad(url, context);
  },
});
