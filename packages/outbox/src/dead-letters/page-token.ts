import { createHash } from "node:crypto";

import { invalidArgument, uuidOf } from "@ordersaga/kernel";

/** The page behind the row with this id; good for the same filter only. */
export function writePageToken(id: string, filter: readonly string[]): string {
  return Buffer.from(`${digestOf(filter)}${id}`).toString("base64url");
}

/** The id that a token stands for; null for the first page. Throws `INVALID_ARGUMENT` for a stranger's. */
export function readPageToken(token: string, filter: readonly string[]): string | null {
  if (token === "") {
    return null;
  }
  const text = Buffer.from(token, "base64url").toString();
  const digest = digestOf(filter);
  const id = uuidOf(text.slice(digest.length));
  if (!text.startsWith(digest) || id === undefined) {
    throw invalidArgument({
      field: "page_token",
      description: "is not a token of this list with this filter",
    });
  }
  return id;
}

function digestOf(filter: readonly string[]): string {
  const hash = createHash("sha256").update(JSON.stringify(["dead letters", ...filter]));
  return hash.digest("base64url").slice(0, 16);
}
