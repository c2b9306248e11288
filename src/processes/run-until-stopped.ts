/** Whether this process has been asked to stop. */
export interface StopRequest {
  /** Aborts at the first SIGTERM or SIGINT, or when the process that started this one is gone. */
  signal: AbortSignal;
  /** Takes the handlers away again, and closes the channel to the parent, which would keep this process alive. */
  forget(): void;
}

/** What of the running process is needed here; another one in tests. */
export type Host = Pick<
  NodeJS.Process,
  "on" | "once" | "off" | "exit" | "send" | "connected" | "disconnect"
>;

/**
 * Listens for the request to stop, from now on. A second signal ends the process at once: somebody is in a hurry.
 */
export function listenForStop(host: Host = process): StopRequest {
  const controller = new AbortController();
  const stop = () => controller.abort(new Error("Interrompido."));
  const onSignal = () => {
    if (controller.signal.aborted) host.exit(130);
    stop();
  };
  host.on("SIGTERM", onSignal);
  host.on("SIGINT", onSignal);
  // Only a process that was forked has `send`; its parent may have died before anybody listened.
  if (host.send !== undefined) {
    if (host.connected) host.once("disconnect", stop);
    else stop();
  }
  return {
    signal: controller.signal,
    forget() {
      host.off("SIGTERM", onSignal);
      host.off("SIGINT", onSignal);
      host.off("disconnect", stop);
      if (host.connected) host.disconnect();
    },
  };
}

/**
 * Waits until the process is asked to stop or `finished` settles, then stops.
 *
 * @param finished rejects when the work ended by a fault; the fault is thrown after stopping
 */
export async function runUntilStopped(
  finished: Promise<void>,
  stop: () => Promise<void>,
  request: StopRequest = listenForStop(),
): Promise<void> {
  try {
    await Promise.race([asked(request.signal), finished]);
  } finally {
    await stop();
    request.forget();
  }
}

/** Resolves when the signal aborts. */
export function asked(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Tells the parent, if one started this process, that it is ready, and under which address it serves. */
export function tellReady(url?: string): void {
  if (process.connected) process.send?.({ ready: true, ...(url !== undefined && { url }) });
}
