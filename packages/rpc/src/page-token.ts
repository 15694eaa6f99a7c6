import { createHash } from "node:crypto";

import { type AppError, invalidArgument } from "@ordersaga/kernel";

/** What a list was asked for besides its page; a token is good for the same filter only. */
export type PageFilter = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Makes the opaque token of the page that begins behind `key`, the sort key of the last row shown. The
 * filter should name the list, the session and everything else that selects rows: it is not contained in
 * the token, only its digest is.
 *
 * @see https://google.aip.dev/158
 */
export function encodePageToken(options: {
  readonly key: readonly string[];
  readonly filter: PageFilter;
}): string {
  const key = JSON.stringify(options.key);
  return Buffer.from(digestOf(key, options.filter) + key).toString("base64url");
}

/**
 * Returns the sort key that a token stands for; undefined for the empty token, which asks for the first
 * page. A token that is not one of ours, or that was made for another filter, is INVALID_ARGUMENT with
 * the field `page_token`. So is one whose key does not match `key`, given as one pattern for each part:
 * name them wherever the database would stumble over a forged key, such as one that is no UUID.
 */
export function decodePageToken(
  token: string,
  options: { readonly filter: PageFilter; readonly key?: readonly RegExp[] },
): readonly string[] | undefined {
  if (token === "") {
    return undefined;
  }
  const bytes = Buffer.from(token, "base64url");
  const text = bytes.toString();
  const key = text.slice(digestLength);
  const isOurs = digestOf(key, options.filter) === text.slice(0, digestLength);
  if (!isOurs || bytes.toString("base64url") !== token) {
    throw wrongPageToken();
  }
  const parts = partsOf(key);
  const { key: patterns = parts.map(() => withoutNul) } = options;
  const isExpected =
    parts.length === patterns.length &&
    patterns.every((pattern, index) => pattern.test(parts[index] ?? ""));
  if (!isExpected) {
    throw wrongPageToken();
  }
  return parts;
}

/**
 * The number of rows to show: `default` when none was asked for, at most `max`, which is no error.
 * A negative size is INVALID_ARGUMENT with the field `page_size`.
 */
export function pageSizeOf(
  requested: number,
  limits: { readonly default: number; readonly max: number },
): number {
  if (requested < 0) {
    throw invalidArgument({ field: "page_size", description: "must not be negative" });
  }
  return requested === 0 ? limits.default : Math.min(requested, limits.max);
}

const digestLength = 16;
// oxlint-disable-next-line no-control-regex -- PostgreSQL refuses NUL in text, so a key has none.
const withoutNul = /^[^\u0000]*$/;

function digestOf(key: string, filter: PageFilter): string {
  const entries = Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash("sha256").update(JSON.stringify([key, entries]));
  return hash.digest("base64url").slice(0, digestLength);
}

/** The digest matched, so this is ours or forged with care: a forgery must not become INTERNAL. */
function partsOf(key: string): readonly string[] {
  try {
    const parts: unknown = JSON.parse(key);
    if (Array.isArray(parts) && parts.every((part) => typeof part === "string")) {
      return parts;
    }
  } catch {
    // Not JSON: the same answer as for any other forgery.
  }
  throw wrongPageToken();
}

function wrongPageToken(): AppError {
  return invalidArgument({
    field: "page_token",
    description: "is not a token of this list with this filter",
  });
}
