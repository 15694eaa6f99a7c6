import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { waitFor } from "@ordersaga/testkit";

import { type FileResult, runTestFile } from "./run-test-file.ts";

const folder = mkdtempSync(join(tmpdir(), "ordersaga-runner-"));
after(() => rmSync(folder, { recursive: true }));

test("tests are counted as they end, suites and inherited failures are not", async () => {
  const result = await runSource(`
    describe("a suite", () => {
      it("passes", () => {});
      it("fails", () => { throw new Error("on purpose"); });
    });
    it("is left out", { skip: true }, () => {});
    it("is planned", { todo: true }, () => {});
  `);
  assert.deepEqual(
    { passed: result.passed, skipped: result.skipped, failures: result.failures },
    { passed: 1, skipped: 2, failures: ["x.mjs: fails"] },
  );
  assert.match(result.output, /on purpose/);
});

test("a file fails that has no tests, that crashes, or whose hook fails", async () => {
  assert.deepEqual((await runSource("")).failures, ["x.mjs: has no tests"]);
  const crash = await runSource(`it("passes", () => {}); setTimeout(() => process.exit(3), 100);`);
  assert.deepEqual(crash.failures, ["x.mjs: ended with exit code 3"]);
  const hook = await runSource(
    `it("passes", () => {}); after(() => { throw new Error("late"); });`,
  );
  assert.equal(hook.failures.length, 1);
});

test("a file fails that does not end by itself", async () => {
  const result = await runSource(`it("passes", () => {}); setInterval(() => {}, 1000);`, 1500);
  assert.equal(result.passed, 1);
  assert.match(result.failures.join(), /killed after 1\.5 s/);
});

test("a file fails that leaves a process behind, and the process is killed", async () => {
  const result = await runSource(`
    import { spawn } from "node:child_process";
    it("passes", () => {
      const child = spawn("sleep", ["60"], { stdio: "ignore" });
      child.unref();
      console.log("pid " + child.pid + " end");
    });
  `);
  assert.deepEqual(result.failures, ["x.mjs: left processes behind"]);
  const pid = Number(/pid ([0-9]+) end/.exec(result.output)?.[1]);
  await waitFor(() => !isRunning(pid), { withinMs: 2000, describe: "the process to be dead" });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

async function runSource(source: string, withinMs = 20_000): Promise<FileResult> {
  writeFileSync(
    join(folder, "x.mjs"),
    `import { after, describe, it } from "node:test";\n${source}`,
  );
  return await runTestFile({
    file: "x.mjs",
    checkout: folder,
    environment: { ...process.env, NODE_TEST_CONTEXT: undefined },
    withinMs,
    signal: new AbortController().signal,
  });
}
