import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startCnpjWsSandbox } from "../src/sandbox/cnpjws.ts";
import { startPluggySandbox } from "../src/sandbox/pluggy.ts";
import { type PluggySandboxData, pluggySandboxData } from "../src/sandbox/pluggy-data.ts";
import { AS_OF } from "./synthetic/calendar.ts";

const CNPJWS_TOKEN = "sandbox";
const PLUGGY_CLIENT = { clientId: "sandbox", clientSecret: "sandbox" };

/** The commercial limit of CNPJ.ws is not published; this is what the demo assumes. */
const CNPJWS_PER_MINUTE = 600;

/** The stand-ins for CNPJ.ws and Pluggy, and how the platform reaches them. */
export interface OuterServices {
  /** Environment variables: base addresses, credentials, limits. */
  variables: Readonly<Record<string, string>>;
  /** How many look-ups came for each CNPJ. */
  lookUps(): ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** Starts the stand-ins on loopback with the demo's data under `root`. */
export async function startOuterServices(root: string): Promise<OuterServices> {
  const data = pluggySandboxData.parse(
    JSON.parse(await readFile(join(root, "sandbox", "pluggy.json"), "utf8")),
  );
  const registry = await startCnpjWsSandbox({
    port: 0,
    companies: join(root, "sandbox", "cnpjws.json"),
    limit: { perMinute: CNPJWS_PER_MINUTE },
    token: CNPJWS_TOKEN,
  });
  const bank = await startPluggySandbox({
    port: 0,
    data: asOf(data, new Date()),
    ...PLUGGY_CLIENT,
  });
  return {
    variables: {
      SANDBOX: "true",
      CNPJWS_URL: registry.url,
      CNPJWS_TOKEN,
      CNPJWS_PER_MINUTE: String(CNPJWS_PER_MINUTE),
      PLUGGY_URL: bank.url,
      PLUGGY_CLIENT_ID: PLUGGY_CLIENT.clientId,
      PLUGGY_CLIENT_SECRET: PLUGGY_CLIENT.clientSecret,
    },
    lookUps: () => registry.requests(),
    async close() {
      await Promise.all([registry.close(), bank.close()]);
    },
  };
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

/** The items as they would stand now: fresh ones fresh, stale ones as stale, whatever the day of the demo. */
function asOf(data: PluggySandboxData, now: Date): PluggySandboxData {
  const shift = now.getTime() - new Date(AS_OF).getTime();
  const moved = (value: unknown): unknown => {
    if (typeof value === "string" && INSTANT.test(value)) {
      return new Date(new Date(value).getTime() + shift).toISOString();
    }
    if (Array.isArray(value)) return value.map(moved);
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, moved(member)]));
    }
    return value;
  };
  return pluggySandboxData.parse({ ...data, items: data.items.map(moved) });
}
