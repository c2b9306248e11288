import { collectDefaultMetrics, Registry } from "prom-client";

/**
 * What this process tells Prometheus. Modules add their metrics when they are loaded, so a process exposes those of the
 * modules that it uses. No label names a tenant, a person, a job or an expense: whoever scrapes may read neither, and a
 * series per tenant would be 10,000 of each.
 */
export const registry = new Registry();

/** Adds what Node.js tells of the process itself: memory, CPU, event loop, collections. */
export function measureProcess(): void {
  if (registry.getSingleMetric("process_cpu_seconds_total")) return;
  collectDefaultMetrics({ register: registry });
}

/** Upper bounds, in seconds, of what takes from a millisecond to minutes. */
export const SECONDS = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];
