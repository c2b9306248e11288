import { EventEmitter } from "node:events";
import { describe, expect, it } from "@jest/globals";
import {
  asked,
  type Host,
  listenForStop,
  runUntilStopped,
} from "../../src/processes/run-until-stopped.ts";

const never = new Promise<void>(() => undefined);

/** A process that gets signals from a test. */
class FakeHost extends EventEmitter {
  connected = false;
  send: (() => boolean) | undefined;
  exitedWith: number | undefined;

  /** As one that another process has forked. */
  static forked(isParentAlive: boolean): FakeHost {
    const host = new FakeHost();
    host.send = () => true;
    host.connected = isParentAlive;
    return host;
  }

  exit(code: number): void {
    this.exitedWith = code;
  }

  disconnect(): void {
    this.connected = false;
    this.emit("disconnect");
  }

  get asHost(): Host {
    return this as unknown as Host;
  }
}

/** Runs until stopped in that process; tells whether it was stopped. */
function run(host: FakeHost, finished: Promise<void> = never) {
  const state = { stopped: false };
  const stop = async () => {
    state.stopped = true;
  };
  return { state, ended: runUntilStopped(finished, stop, listenForStop(host.asHost)) };
}

describe("runUntilStopped", () => {
  it.each(["SIGTERM", "SIGINT"])("stops at %s, and listens no longer then", async (signal) => {
    const host = new FakeHost();
    const { state, ended } = run(host);
    expect(state.stopped).toBe(false);
    host.emit(signal);
    await ended;
    expect(state.stopped).toBe(true);
    expect(host.eventNames()).toEqual([]);
  });

  it("ends at once at the second signal", () => {
    const host = new FakeHost();
    run(host, never);
    host.emit("SIGTERM");
    expect(host.exitedWith).toBeUndefined();
    host.emit("SIGINT");
    expect(host.exitedWith).toBe(130);
  });

  it("stops when the parent goes, or has gone before anybody listened", async () => {
    const host = FakeHost.forked(true);
    const { ended } = run(host);
    host.disconnect();
    await ended;
    await run(FakeHost.forked(false)).ended;
  });

  it("closes the channel to a parent that lives, which would keep the process alive", async () => {
    const host = FakeHost.forked(true);
    const { ended } = run(host);
    host.emit("SIGTERM");
    await ended;
    expect(host.connected).toBe(false);
  });

  it("stops when the work is done, and throws its fault after stopping", async () => {
    await run(new FakeHost(), Promise.resolve()).ended;
    const { state, ended } = run(new FakeHost(), Promise.reject(new Error("lost")));
    await expect(ended).rejects.toThrow("lost");
    expect(state.stopped).toBe(true);
  });

  it("stops at once when it was asked before", async () => {
    const host = new FakeHost();
    const request = listenForStop(host.asHost);
    host.emit("SIGTERM");
    await asked(request.signal);
    let stopped = false;
    await runUntilStopped(
      never,
      async () => {
        stopped = true;
      },
      request,
    );
    expect(stopped).toBe(true);
  });
});
