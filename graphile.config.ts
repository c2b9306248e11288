import type {} from "graphile-worker";
import { makePgService } from "postgraphile/adaptors/pg";
import { graphqlPreset } from "./src/api/graphql/preset.ts";
import { keyListText } from "./src/audit/configured-keys.ts";
import { parseKeyList } from "./src/audit/key-list.ts";
import { loadEnvironment } from "./src/config.ts";

const environment = loadEnvironment();
const worker = environment.WORKER_DATABASE_URL ?? environment.DATABASE_URL;

/**
 * For the libraries' own command lines, which look for this file: `npx graphile-worker` runs tasks/ with the crontab,
 * `npx postgraphile` and `npx graphile config print` show the schema. The platform's processes do not read it.
 */
const preset: GraphileConfig.Preset = {
  extends: [graphqlPreset(() => new Date(), parseKeyList(await keyListText(environment)))],
  pgServices: environment.AUTHENTICATOR_DATABASE_URL
    ? [
        makePgService({
          connectionString: environment.AUTHENTICATOR_DATABASE_URL,
          schemas: ["blindagem"],
          pubsub: false,
        }),
      ]
    : [],
  worker: {
    ...(worker !== undefined && { connectionString: worker }),
    taskDirectory: `${import.meta.dirname}/tasks`,
    crontabFile: `${import.meta.dirname}/crontab`,
  },
};

export default preset;
