/**
 * `npm test`: checks the sources, then runs all test files against one PostgreSQL and one nats-server of
 * its own. `npm test -- packages/outbox` runs only the files whose path contains one of the given texts,
 * and no checks.
 */
import { join } from "node:path";

import { checks, runCheck } from "./checks.ts";
import { findTestFiles } from "./find-test-files.ts";
import { addTallies, describeTally, noTests, type Tally } from "./tally.ts";
import { runTestFiles } from "./run-test-files.ts";
import { startTestServers } from "./test-servers.ts";

const checkout = join(import.meta.dirname, "../..");
const filters = process.argv.slice(2);
const startedAt = performance.now();
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => stopping.abort(new Error("interrupted")));
}

try {
  const tally = await run();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  tally.failures.forEach((line) => console.log(`FAILED  ${line}`));
  console.log(`\nin ${seconds} s`);
  console.log(describeTally(tally));
  process.exitCode = tally.failures.length > 0 ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = stopping.signal.aborted ? 130 : 1;
}

async function run(): Promise<Tally> {
  const { signal } = stopping;
  const files = findTestFiles(checkout, filters);
  if (files.length === 0) {
    throw new Error(`No test file has ${filters.join(" or ")} in its path.`);
  }
  const parts: Tally[] = [noTests];
  for (const check of filters.length === 0 ? checks : []) {
    // One after the other: each of them uses all cores.
    // oxlint-disable-next-line no-await-in-loop
    parts.push(await runCheck(check, { checkout, signal }));
  }
  await using servers = await startTestServers({
    progress: (line) => console.log(`        ${line}`),
  });
  signal.throwIfAborted();
  const shared = { checkout, signal, environment: servers.environment };
  const [endToEnd, others] = [files.filter(isEndToEnd), files.filter((file) => !isEndToEnd(file))];
  parts.push(await runTestFiles({ ...shared, files: others, atOnce: 2 }));
  parts.push(await runTestFiles({ ...shared, files: endToEnd, atOnce: 1 }));
  return addTallies(parts);
}

function isEndToEnd(file: string): boolean {
  return file.endsWith(".e2e.test.ts");
}
