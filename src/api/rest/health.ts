import type { FastifyInstance } from "fastify";
import type pg from "pg";
import { ApiError, publicError } from "../errors.ts";

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

async function canSignIn(pool: pg.Pool): Promise<boolean> {
  try {
    await pool.query("select from blindagem_private.sign_in('', '', null)");
    return true;
  } catch {
    return false;
  }
}
