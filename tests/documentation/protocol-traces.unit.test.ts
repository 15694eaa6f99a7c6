import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

const root = join(import.meta.dirname, "../..");

describe("docs/reference/protocol-traces.md", () => {
  it("names tests that exist, at least one for every trace", () => {
    const page = readFileSync(join(root, "docs/reference/protocol-traces.md"), "utf8");
    const rows = page.split("\n").filter((line) => /^\| \d+ \|/.test(line));
    const tests = globSync("{packages,services,sagas,tests}/**/*.test.ts", {
      cwd: root,
      exclude: (path) => path.includes("node_modules"),
    }).map((file) => readFileSync(join(root, file), "utf8"));
    const missing = rows.flatMap((row) => {
      const names = [...(row.split("|")[3] ?? "").matchAll(/"([^"]+)"/g)].map(([, name]) => name);
      const lost = names.filter((name) => !tests.some((text) => text.includes(`"${name}"`)));
      return names.length === 0 ? [row] : lost;
    });
    assert.ok(rows.length >= 12);
    assert.deepEqual(missing, []);
  });
});
