import { createServer, type ServerResponse } from "node:http";
import { waitFor } from "../wait-for.ts";

/** A registry of companies that answers when the test says so: a look-up amid which something happens. */
export interface HeldRegistry {
  url: string;
  /** Every question that came, by CNPJ. */
  readonly asked: readonly string[];
  /** Waits until it was asked so often in all. */
  untilAsked(times: number): Promise<void>;
  /** Answers all open questions: nobody knows such a company. */
  answer(): void;
  /** Answers whatever comes from now on at once. */
  open(): void;
  close(): Promise<void>;
}

export async function startHeldRegistry(): Promise<HeldRegistry> {
  const asked: string[] = [];
  let held: ServerResponse[] = [];
  let isOpen = false;
  const reply = (response: ServerResponse) =>
    response.writeHead(404, { "content-type": "application/json" }).end("{}");
  const server = createServer((request, response) => {
    asked.push(/\w{14}$/.exec(request.url ?? "")?.[0] ?? "");
    if (isOpen) reply(response);
    else held.push(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const answer = () => {
    for (const response of held) reply(response);
    held = [];
  };
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    asked,
    async untilAsked(times) {
      await waitFor(`question ${times} to the registry`, () => asked.length >= times);
    },
    answer,
    open() {
      isOpen = true;
      answer();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
