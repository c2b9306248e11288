import { setTimeout as pause } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import type pg from "pg";
import { ApiError, publicError } from "../errors.ts";

/** Whoever asks waits for a few seconds only (docker-compose.yml: 5). */
const READY_WITHIN_MS = 3_000;

/** Health for whoever starts, routes to and restarts the process. */
export interface Health {
  addRoutes(app: FastifyInstance): void;
  /** From now on /readyz says no, so that no new requests are sent here. */
  drain(): void;
}

/**
 * `/healthz`: the process answers. `/readyz`: it can serve, i.e. it is not draining, the database is reached, and
 * migrated (the login may call sign_in).
 */
export function createHealth(pool: pg.Pool): Health {
  let draining = false;
  return {
    addRoutes(app) {
      app.get("/healthz", async () => ({ status: "ok" }));
      app.get("/readyz", async (_request, reply) => {
        const isReady = !draining && (await canSignIn(pool));
        const status = draining ? "draining" : isReady ? "ready" : "database unavailable";
        return reply
          .status(isReady ? 200 : publicError(new ApiError("BLD14")).status)
          .send({ status });
      });
    },
    drain() {
      draining = true;
    },
  };
}

/** A connection that does not answer in time is thrown away; a pool without a free one would be waited for longer. */
async function canSignIn(pool: pg.Pool): Promise<boolean> {
  const signIn = {
    text: "select from blindagem_private.sign_in('', '', null)",
    query_timeout: READY_WITHIN_MS,
  };
  const answered = pool.query(signIn).then(
    () => true,
    () => false,
  );
  return Promise.race([answered, pause(READY_WITHIN_MS, false, { ref: false })]);
}
