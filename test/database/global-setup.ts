import { type StartedCluster, startCluster } from "./cluster.ts";

declare global {
  var startedCluster: StartedCluster | undefined;
}

export default async function setup(): Promise<void> {
  const started = await startCluster(process.env.TEST_DATABASE_URL);
  globalThis.startedCluster = started;
  process.env.BLINDAGEM_TEST_CLUSTER = JSON.stringify(started.cluster);
}
