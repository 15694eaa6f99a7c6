import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { claimData, DataInUseError, ownerOfData } from "./data-claim.ts";
import { identifyProcess } from "./process-identity.ts";

const folder = mkdtempSync(join(tmpdir(), "ordersaga-claim-"));
after(() => rmSync(folder, { recursive: true }));
const options = { dataDir: folder, signal: "SIGTERM", withinMs: 1000 } as const;

test("of many that claim the same data at once, one gets them", async () => {
  const claims = await Promise.allSettled(Array.from({ length: 20 }, () => claimData(options)));
  const [claim, ...more] = claims.filter(({ status }) => status === "fulfilled");
  assert.deepEqual(more, []);
  assert.equal(ownerOfData(folder)?.pid, process.pid);
  assert.ok(claim?.status === "fulfilled");
  claim.value.release();
  assert.equal(ownerOfData(folder), undefined);
});

test("a claim of a process that is gone, or whose number is another's now, does not count", async () => {
  const before = { pid: process.pid, startedAt: "long ago" };
  for (const text of [JSON.stringify({ owner: before, server: before }), "", '{"own']) {
    writeFileSync(join(folder, "owner.json"), text);
    // oxlint-disable-next-line no-await-in-loop
    const claim = await claimData(options);
    claim.release();
  }
});

test("a claim of a living process is refused with its number", async () => {
  const parent = identifyProcess(process.ppid);
  writeFileSync(join(folder, "owner.json"), JSON.stringify({ owner: parent }));
  await assert.rejects(
    claimData(options),
    (error) => error instanceof DataInUseError && error.ownerPid === process.ppid,
  );
});
