import { AppError, appErrorFrom, TransientError } from "@ordersaga/kernel";

/**
 * What stands in the way: an `outage` (nobody can work now), `contention` (a deadlock or serialisation
 * failure: run it again), a `conflict` (someone else wrote the same key first: run it again), or
 * `slowness` (a statement or a lock took longer than its limit: run it again later).
 */
export type DatabaseTrouble = "outage" | "contention" | "conflict" | "slowness";

/**
 * Makes one of our errors of anything that a query, a checkout or a unit of work throws: outages,
 * contention and slowness are TransientErrors, a unique violation is an AppError `CONFLICT`, anything else that
 * PostgreSQL refuses is a bug of ours (`INTERNAL`). Our own errors pass through.
 */
export function databaseErrorFrom(reason: unknown): AppError {
  if (reason instanceof AppError) {
    return reason;
  }
  switch (troubleOfCause(reason)) {
    case "outage":
      return new TransientError("the database cannot be reached", reason);
    case "contention":
      return new TransientError("concurrent work got in the way", reason);
    case "slowness":
      return new TransientError("the database took too long", reason);
    case "conflict":
      return new AppError({
        code: "CONFLICT",
        message: "concurrent work was first",
        cause: reason,
      });
    default:
      return appErrorFrom(reason);
  }
}

/** Which trouble with the database an error stands for; undefined when it is none of them. */
export function troubleOf(error: unknown): DatabaseTrouble | undefined {
  if (!(error instanceof AppError)) {
    return troubleOfCause(error);
  }
  return error.code === "CONFLICT" ? "conflict" : troubleOfCause(error.cause);
}

function troubleOfCause(reason: unknown): DatabaseTrouble | undefined {
  if (!(reason instanceof Error)) {
    return undefined;
  }
  if (reason instanceof AggregateError) {
    return reason.errors.map(troubleOfCause).find((trouble) => trouble !== undefined);
  }
  const code = "code" in reason ? String(reason.code) : "";
  if (code === "23505") {
    return "conflict";
  }
  if (code === "40001" || code === "40P01") {
    return "contention";
  }
  if (code === "55P03" || code === "57014") {
    return "slowness";
  }
  const isOutage =
    outageStates.test(code) || networkCodes.has(code) || clientMessages.test(reason.message);
  return isOutage ? "outage" : undefined;
}

/**
 * Connection exceptions, insufficient resources, operator intervention (shutdown, crash, starting up),
 * transaction ended by a time limit, system errors, read-only after a failover, missing database.
 */
const outageStates =
  /^(?:08[0-9A-Z]{3}|53[0-9A-Z]{3}|57P0[1-5]|25P0[34]|25006|58[0-9A-Z]{3}|3D000)$/;

const networkCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "ENOENT",
]);

/** Errors of the pg client itself, which carry no code. */
const clientMessages =
  /^(?:Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|timeout expired|Cannot use a pool after calling end|Query read timeout)/;
