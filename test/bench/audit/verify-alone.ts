import { verifyBundle } from "../../../src/audit/bundle/verify.ts";

/**
 * Verifies a bundle in a process of its own, as an auditor does, after a small one that gets the verifier compiled; the
 * making of a bundle would leave a gigabyte for the collector to go through meanwhile.
 */
const [small = "", bundle = ""] = process.argv.slice(2);
await verifyBundle(small);
const started = performance.now();
const before = process.cpuUsage();
const { ok, faultCounts, counts } = await verifyBundle(bundle);
const { user, system } = process.cpuUsage(before);
const elapsed = performance.now() - started;
if (!ok) throw new Error(`The bundle is wrong: ${JSON.stringify(faultCounts)}`);
const figures = {
  records: counts.records,
  intents: counts.intents,
  recordsPerSecond: Math.round((counts.records / elapsed) * 1000),
  recordsPerSecondPerCore: Math.round((counts.records / (user + system)) * 1e6),
  peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
};
process.stdout.write(JSON.stringify(figures));
