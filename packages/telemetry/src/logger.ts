import { createRequire } from "node:module";

import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";

import { redactedPaths } from "./redaction.ts";

export type { Logger } from "pino";

export type CreateLoggerOptions = {
  /** Which program writes; every line carries it as `service`. */
  readonly service: string;
  /** `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`. */
  readonly level: string;
  /** Readable lines for a terminal instead of JSON. */
  readonly isPretty: boolean;
  /** Where lines go instead of standard output. */
  readonly destination?: DestinationStream;
};

/**
 * Makes the logger of one program: one JSON object a line, with `level`, `time` (RFC 3339), `service` and
 * `msg`. Secrets and message contents are left out by name, see {@link redactedPaths}. Lines are written at
 * once, so that none is lost when the process dies.
 */
export function createLogger(options: CreateLoggerOptions): Logger {
  const settings: LoggerOptions = {
    level: options.level,
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: [...redactedPaths], censor: "***" },
  };
  return pino(
    settings,
    options.isPretty ? pretty(options.destination) : plain(options.destination),
  );
}

/** A logger for tests: it writes nothing. */
export const silentLogger: Logger = pino({ level: "silent" });

function plain(destination: DestinationStream | undefined): DestinationStream {
  return destination ?? pino.destination({ fd: 1, sync: true });
}

/** pino-pretty is there for developing only: without it, lines stay JSON. */
function pretty(destination: DestinationStream | undefined): DestinationStream {
  const target = plain(destination);
  let prettyFactory: (options: object) => (line: string) => string;
  try {
    ({ prettyFactory } = createRequire(import.meta.url)("pino-pretty") as {
      prettyFactory: typeof prettyFactory;
    });
  } catch {
    return target;
  }
  const prettify = prettyFactory({
    colorize: destination === undefined && process.stdout.isTTY,
    ignore: "pid,hostname,service",
    messageFormat: "{service}: {msg}",
    translateTime: "SYS:HH:MM:ss.l",
  });
  return { write: (line) => target.write(prettify(line)) };
}
