import type pg from "pg";
import type { WithPgClient } from "postgraphile/@dataplan/pg";
import type { NodePostgresPgClient } from "postgraphile/adaptors/pg";
import * as pgAdaptor from "postgraphile/adaptors/pg";
import type { Attest } from "../../database/actor.ts";
import { actorOf } from "../request-settings.ts";

/**
 * The schema `blindagem` as PostGraphile reaches it: each transaction that a mutation writes in is signed for before its
 * commit. `withPgClient` begins a transaction, sets the request's settings, calls back and commits: so the callback's
 * end is the last moment within it.
 */
export function attestedService(
  pool: pg.Pool,
  attest: Attest,
): GraphileConfig.PgServiceConfiguration {
  const service = pgAdaptor.makePgService({ pool, schemas: ["blindagem"], pubsub: false });
  return {
    ...service,
    adaptor: {
      ...pgAdaptor,
      createWithPgClient: (options, variant) =>
        attested(pgAdaptor.createWithPgClient(options, variant), attest),
    },
  };
}

function attested(
  withPgClient: WithPgClient<NodePostgresPgClient>,
  attest: Attest,
): WithPgClient<NodePostgresPgClient> {
  const signing: WithPgClient<NodePostgresPgClient> = (settings, callback) =>
    withPgClient(settings, async (client) => {
      const result = await callback(client);
      const actor = actorOf(settings ?? {});
      if (actor) await attest(client.rawClient, actor);
      return result;
    });
  if (withPgClient.release) signing.release = withPgClient.release;
  return signing;
}
