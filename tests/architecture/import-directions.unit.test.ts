import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { describe, it } from "node:test";

const root = join(import.meta.dirname, "../..");

/** What the code below a folder may import of ours; everything else is a mistake in the structure. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "packages/kernel": [],
  "packages/telemetry": ["kernel"],
  "packages/messaging": ["kernel", "telemetry"],
  "packages/outbox": ["kernel", "telemetry", "messaging", "gen"],
  "packages/saga": ["kernel", "telemetry", "messaging", "outbox", "gen"],
  "packages/rpc": ["kernel", "telemetry", "gen"],
  "packages/service": ["kernel", "telemetry"],
  "packages/local-servers": ["kernel"],
  "packages/testkit": ["kernel", "telemetry", "messaging", "outbox", "local-servers", "gen"],
  "sagas/place-order": ["kernel", "saga", "gen"],
};
const forServices = [
  "kernel",
  "telemetry",
  "messaging",
  "outbox",
  "saga",
  "rpc",
  "service",
  "place-order",
  "gen",
];

describe("import directions", () => {
  const files = globSync("{packages,sagas,services}/**/*.ts", { cwd: root, exclude: isForeign });

  it("finds the code it judges", () => {
    assert.ok(files.length > 50, `only ${files.length} files`);
  });

  it("lets packages import only what lies below them", () => {
    assert.deepEqual(files.filter((file) => !file.startsWith("services")).flatMap(violations), []);
  });

  it("lets services import packages, sagas and gen, never each other", () => {
    assert.deepEqual(files.filter((file) => file.startsWith("services")).flatMap(violations), []);
  });

  it("keeps every domain pure: it imports no package but the kernel and the contracts", () => {
    const domains = files.filter((file) => file.includes(`${sep}domain${sep}`) && !isTest(file));
    const impure = domains.flatMap((file) =>
      importsOf(file)
        .filter((name) => !name.startsWith("."))
        .filter((name) => !/^@ordersaga\/(?:kernel|gen\/.*)$/.test(name))
        .filter((name) => name !== "@bufbuild/protobuf" && name !== "node:crypto")
        .map((name) => `${file} imports ${name}`),
    );
    assert.deepEqual(impure, []);
  });

  it("reaches another workspace by its name, never by a path", () => {
    const escapes = files.flatMap((file) => {
      const workspace = workspaceOf(file);
      return importsOf(file)
        .filter((name) => name.startsWith("."))
        .filter((name) => !relative(root, join(root, file, "..", name)).startsWith(workspace))
        .map((name) => `${file} imports ${name}`);
    });
    assert.deepEqual(escapes, []);
  });
});

function violations(file: string): string[] {
  const workspace = workspaceOf(file);
  const own = workspace.split(sep)[1] ?? "";
  const may = [...(allowed[workspace] ?? forServices), own, ...(isTest(file) ? testHelp : [])];
  return importsOf(file)
    .flatMap((name) => /^@ordersaga\/([^/]+)/.exec(name)?.[1] ?? [])
    .filter((name) => !may.includes(name))
    .map((name) => `${file} imports ${name}`);
}

/** Tests may look at more: real servers, both buses, a client for the service they test. */
const testHelp = [
  "testkit",
  "local-servers",
  "rpc",
  "messaging",
  "outbox",
  "telemetry",
  "gen",
  "place-order",
];

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/\bfrom "([^"]+)"|\bimport\("([^"]+)"\)|^import "([^"]+)"/gm)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? "",
  );
}

function workspaceOf(file: string): string {
  return file.split(sep).slice(0, 2).join(sep);
}

function isTest(file: string): boolean {
  return /\.(?:unit|int|e2e|type)\.test\.ts$|[/\\](?:testing|bench)[/\\]|contract|-under-test\.ts$/.test(
    file,
  );
}

function isForeign(path: string): boolean {
  return path.includes("node_modules");
}
