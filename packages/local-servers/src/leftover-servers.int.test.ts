import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { startNats, startPostgres } from "./index.ts";
import { identifyProcess, isProcessAlive, type ProcessIdentity } from "./process-identity.ts";

const folder = mkdtempSync(join(tmpdir(), "ordersaga-leftover-"));
chmodSync(folder, 0o755);
after(() => rmSync(folder, { recursive: true }));
const [postgresDir, natsDir] = [join(folder, "postgres"), join(folder, "nats")];

test("servers end with their owner when it crashes, where the system can do that", async (t) => {
  if (process.platform !== "linux") {
    t.skip("only Linux signals a process when its parent dies");
    return;
  }
  const servers = await startAndCrash(process.env["PATH"] ?? "");
  for (let waitedMs = 0; waitedMs < 10_000 && servers.some(isProcessAlive); waitedMs += 50) {
    // oxlint-disable-next-line no-await-in-loop
    await sleep(50);
  }
  assert.deepEqual(servers.filter(isProcessAlive), []);
});

test("servers that a crashed owner left running are stopped by the next start", async (t) => {
  const servers = await startAndCrash("");
  assert.equal(servers.filter(isProcessAlive).length, 2);
  const postgres = await startPostgres({ dataDir: postgresDir, port: 0 });
  t.after(postgres.stop);
  const nats = await startNats({ dataDir: natsDir, port: 0 });
  t.after(nats.stop);
  assert.deepEqual(servers.filter(isProcessAlive), []);
});

/** Without a PATH, the crashing process finds no program that ties servers to its life. */
async function startAndCrash(path: string): Promise<readonly ProcessIdentity[]> {
  const script = join(folder, "owner.mjs");
  writeFileSync(
    script,
    `import { startNats, startPostgres } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
     const postgres = await startPostgres({ dataDir: ${JSON.stringify(postgresDir)}, port: 0 });
     const nats = await startNats({ dataDir: ${JSON.stringify(natsDir)}, port: 0 });
     console.log(JSON.stringify([postgres.pid(), nats.pid()]));
     setInterval(() => undefined, 1000);`,
  );
  const owner = spawn(process.execPath, [script], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PATH: path },
  });
  for await (const line of createInterface({ input: owner.stdout })) {
    const servers = (JSON.parse(line) as readonly number[]).map((pid) => identifyProcess(pid));
    owner.kill("SIGKILL");
    return servers.filter((server) => server !== undefined);
  }
  throw new Error("the owner ended early");
}
