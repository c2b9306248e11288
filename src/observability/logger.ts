import { type Logger, pino } from "pino";

/**
 * One JSON line an event, on standard error, so that commands may print their result on standard output.
 * Whatever names a secret or a person is cut out, should it ever be passed.
 */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          "*.authorization",
          "*.password",
          "*.token",
          "*.payeeDocument",
          "*.payeeName",
          "*.email",
          "*.payload",
        ],
        remove: true,
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
