import { createRequire } from "node:module";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { registry } from "../../src/observability/registry.ts";
import { section, textOf } from "./markdown.ts";

// Every module that adds metrics; what the platform exposes is what they register.
import "../../src/api/metrics.ts";
import "../../src/audit/comparing/comparing-metrics.ts";
import "../../src/audit/sealing-metrics.ts";
import "../../src/observability/database-gauges.ts";
import "../../src/observability/decision-metrics.ts";
import "../../src/observability/pool-metrics.ts";
import "../../src/queue/job-metrics.ts";
import { measureProcess } from "../../src/observability/registry.ts";

// The reader of YAML comes with graphile-worker, whose configuration may be YAML.
const yaml = z
  .object({ load: z.function({ input: [z.string()], output: z.unknown() }) })
  .parse(createRequire(import.meta.url)("js-yaml"));

const rules = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Blindagem[A-Z]\w+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+m$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(["warning", "critical"]) }),
          annotations: z.strictObject({ summary: z.string().min(10) }),
        }),
      ),
    }),
  ),
});
const dashboard = z.looseObject({
  title: z.string(),
  panels: z.array(
    z.looseObject({
      id: z.number(),
      title: z.string(),
      targets: z.array(z.looseObject({ refId: z.string(), expr: z.string() })).min(1),
    }),
  ),
});

let exposed: Set<string>;
let own: string[];
let alerts: string[];
let panels: z.infer<typeof dashboard>["panels"];

beforeAll(async () => {
  measureProcess();
  const metrics = await registry.getMetricsAsJSON();
  exposed = new Set(
    metrics.flatMap(({ name, type }) =>
      // The library's names of kinds, in words: its type is an enumeration of numbers that it fills with these.
      String(type) === "histogram" ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    ),
  );
  own = metrics.map(({ name }) => name).filter((name) => name.startsWith("blindagem_"));
  const parsed = rules.parse(yaml.load(await textOf("deploy/prometheus/alerts.yml")));
  alerts = parsed.groups.flatMap((group) => group.rules.map(({ expr }) => expr));
  panels = dashboard.parse(JSON.parse(await textOf("deploy/grafana/blindagem.json"))).panels;
});

const named = (expressions: readonly string[]) =>
  expressions.flatMap((text) => text.match(/\b(?:blindagem|process|nodejs)_\w+/g) ?? []);

describe("what is ready for monitoring", () => {
  it("names metrics that are exposed, in the alert rules and on the dashboard", () => {
    const expressions = [
      ...alerts,
      ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ];
    expect(alerts.length).toBeGreaterThan(5);
    for (const expression of expressions) expect(named([expression])).not.toEqual([]);
    for (const name of named(expressions)) expect([...exposed]).toContain(name);
  });

  it("shows each of the platform's own metrics on the dashboard", () => {
    const shown = named(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)));
    const bare = new Set(shown.map((name) => name.replace(/_(bucket|count|sum)$/, "")));
    expect(own.filter((name) => !bare.has(name))).toEqual([]);
  });

  it("alarms of what a process counts before it is scraped for the first time", () => {
    const counted = ["unattested", "out_of_band", "clock_set_back"];
    for (const name of counted.map((what) => `blindagem_audit_${what}_total`)) {
      const [alert = ""] = alerts.filter((expression) => expression.includes(name));
      expect(alert).toContain(`increase(${name}[15m])`);
      expect(alert).toContain(
        `sum(${name} and on (instance) (time() - process_start_time_seconds < 900))`,
      );
    }
  });

  it("names a panel's queries apart", () => {
    for (const { targets } of panels) {
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });

  it("has panels with numbers of their own, none on top of another", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ gridPos }) => JSON.stringify(gridPos))).size).toBe(panels.length);
  });

  it("is explained metric by metric in docs/operations.md", async () => {
    const text = section(await textOf("docs/operations.md"), "## Metrics");
    for (const name of own) {
      const short = `…_${name.split("_").slice(2).join("_")}`;
      expect(text.includes(`\`${name}\``) || text.includes(`\`${short}\``)).toBe(true);
    }
  });
});
