import { createInstallation } from "../installation.ts";
import { measureThroughput, type ThroughputOptions } from "./throughput.ts";

/** Processor time by expense, whatever their number; each run on an installation of its own. */
export interface Curve {
  /** Microseconds an expense of all processes and sessions together, by the number of expenses. */
  processorMicroseconds: Record<number, number>;
  expensesPerSecond: Record<number, number>;
}

/** @param condominiums of each run, `options.each` expenses of each */
export async function measureCurve(
  condominiums: readonly number[],
  options: Omit<ThroughputOptions, "condominiums">,
): Promise<Curve> {
  const curve: Curve = { processorMicroseconds: {}, expensesPerSecond: {} };
  for (const count of condominiums) {
    const installation = await createInstallation();
    try {
      const figures = await measureThroughput(installation, { ...options, condominiums: count });
      const parts = Object.values(figures.processorMicroseconds);
      curve.processorMicroseconds[figures.expenses] = parts.reduce((sum, part) => sum + part, 0);
      curve.expensesPerSecond[figures.expenses] = figures.expensesPerSecond;
    } finally {
      await installation.remove();
    }
  }
  return curve;
}
