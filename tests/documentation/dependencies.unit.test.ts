import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

const root = join(import.meta.dirname, "../..");

describe("docs/reference/dependencies.md", () => {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  ) as Readonly<Record<"dependencies" | "devDependencies", Readonly<Record<string, string>>>>;
  const installed = { ...dependencies, ...devDependencies };
  const page = readFileSync(join(root, "docs/reference/dependencies.md"), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  const listed = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1]),
  );

  it("lists every dependency once, and no other", () => {
    assert.deepEqual(new Set(listed), new Set(Object.keys(installed)));
    assert.equal(listed.length, new Set(listed).size);
  });

  it("finds every version exact", () => {
    const loose = Object.entries(installed).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    assert.deepEqual(loose, []);
  });

  it("finds all of MikroORM on one version", () => {
    const versions = Object.entries(installed).filter(([name]) => name.startsWith("@mikro-orm/"));
    assert.equal(new Set(versions.map(([, version]) => version)).size, 1);
  });
});
