import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

import { errorCodes } from "@ordersaga/kernel";

describe("docs/reference/errors.md", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/reference/errors.md"), "utf8");

  it("shows the table of codes as it is in the code", () => {
    const shown = page.split("\n").flatMap((line) => {
      const cells = /^\| `(\w+)` \| (\w+) \| `(\w+)` \| (\w+) \|/.exec(line);
      return cells === null ? [] : [cells.slice(1)];
    });
    const expected = Object.entries(errorCodes).map(([code, { kind, rpc, log }]) => [
      code,
      kind,
      rpc,
      log,
    ]);
    assert.deepEqual(shown, expected);
  });
});
