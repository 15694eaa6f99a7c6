import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { freePort, isPortTaken } from "@ordersaga/local-servers";
import { waitFor } from "@ordersaga/testkit";

const root = join(import.meta.dirname, "../..");

describe("npm start", () => {
  const folder = mkdtempSync(join(tmpdir(), "ordersaga-start-"));
  // PostgreSQL's own user must be able to enter, or its data would be kept elsewhere and left there.
  chmodSync(folder, 0o755);
  let portBase = 0;
  let first: Run;
  before(async () => {
    portBase = await freePort(6);
    first = start();
    await waitFor(() => first.output().includes("ordersaga is ready") || first.hasEnded(), {
      withinMs: 120_000,
    });
  });
  after(async () => {
    await first.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (environment: Readonly<Record<string, string>> = {}): Run =>
    run({ DATA_DIR: folder, PORT_BASE: String(portBase), ...environment });

  it("tells its demonstration: one confirmed, one undone, one of two, and one refused", () => {
    const told = first.output();
    assert.match(told, /a good order +CONFIRMED/);
    assert.match(told, /card declined +reserve-inventory +undone/);
    assert.match(told, /card declined +FAILED \(PAYMENT_DECLINED\)/);
    assert.equal(told.match(/(?:first|second) of two +CONFIRMED/g)?.length, 1);
    assert.match(told, /sold out +refused.*INSUFFICIENT_STOCK/);
  });

  it("prints addresses and lines to paste", () => {
    const told = first.output();
    for (const part of [
      "grpcurl -plaintext",
      "npx buf curl",
      "curl -H",
      `localhost:${portBase + 1}`,
    ]) {
      assert.ok(told.includes(part), part);
    }
  });

  it("says clearly that it already runs", async () => {
    const second = start();
    assert.equal(await second.ended, 1);
    assert.match(second.output(), /already runs from this checkout, as process \d+/);
  });

  it("says which port is taken, and what to do", async () => {
    const other = mkdtempSync(join(tmpdir(), "ordersaga-start-"));
    const second = start({ DATA_DIR: other });
    assert.equal(await second.ended, 1);
    assert.match(second.output(), new RegExp(`listens on port ${portBase + 5} .*PORT_BASE=`, "s"));
    rmSync(other, { recursive: true });
  });

  it("stops everything at Ctrl-C", async () => {
    await first.stop();
    assert.equal(await first.ended, 0);
    assert.equal(await isPortTaken(portBase + 1), false);
  });
});

type Run = {
  readonly output: () => string;
  readonly hasEnded: () => boolean;
  readonly ended: Promise<number | null>;
  readonly stop: () => Promise<void>;
};

function run(environment: Readonly<Record<string, string>>): Run {
  const child: ChildProcess = spawn(process.execPath, ["scripts/up/main.ts"], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const ended = once(child, "exit").then(([code]: (number | null)[]) => code ?? null);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    output: () => output,
    hasEnded,
    ended,
    async stop() {
      if (!hasEnded()) {
        child.kill("SIGINT");
        await ended;
      }
    },
  };
}
