import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
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

  it("explains every reason that the code gives", () => {
    const root = join(import.meta.dirname, "../..");
    const files = globSync("{packages,services}/*/src/**/*.ts", { cwd: root }).filter(
      (file) => !/\.test\.ts$|[/\\]testing[/\\]/.test(file),
    );
    const given = files.flatMap((file) =>
      [...readFileSync(join(root, file), "utf8").matchAll(/reason: "([A-Z_]+)"/g)].map(
        (match) => match[1] ?? "",
      ),
    );
    assert.ok(given.length > 10);
    assert.deepEqual(
      [...new Set(given)].filter((reason) => !page.includes(`\`${reason}\``)),
      [],
    );
  });
});
