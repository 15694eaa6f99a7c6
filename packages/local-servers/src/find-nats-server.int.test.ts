import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";

import { downloadNatsServerFrom } from "./download-nats-server.ts";
import { findNatsServer } from "./find-nats-server.ts";

const folder = mkdtempSync(join(tmpdir(), "ordersaga-find-nats-"));
after(() => rmSync(folder, { recursive: true }));

test("a program that is too old or does not run is passed over", async () => {
  const old = fakeProgram("old/nats-server", "echo nats-server: v2.8.4");
  const broken = fakeProgram("broken/nats-server", "echo no such library >&2; exit 127");
  const good = fakeProgram("good/nats-server", "echo nats-server: v2.9.10");
  const path = [old, broken, good].map((program) => dirname(program)).join(":");
  assert.equal(await findNatsServer({ path, waysToGet: [] }), good);
  await assert.rejects(findNatsServer({ program: old }), /version 2\.8: 2\.9 or newer is needed/);
  await assert.rejects(findNatsServer({ program: broken }), /does not run: no such library/);
});

test("a download is checked, unpacked and run; a wrong checksum is refused", async (t) => {
  const release = await serveRelease();
  t.after(release.stop);
  const cache = join(folder, "cache");
  mkdirSync(cache);
  const lines: string[] = [];
  const way = downloadNatsServerFrom(release.address);
  const program = await way({ cache, progress: (line) => lines.push(line) });
  assert.equal(program, join(cache, "nats-server"));
  assert.match(execFileSync(program, { encoding: "utf8" }), /v2\.10\.24/);
  assert.match(lines.join(), /downloading http.*nats-server-v2\.10\.24-.*tar\.gz/);

  release.changeArchive();
  await assert.rejects(way({ cache, progress: () => undefined }), /checksum/);
});

test("a place that does not answer is a reason, not a crash", async () => {
  const way = downloadNatsServerFrom("http://127.0.0.1:9");
  await assert.rejects(way({ cache: folder, progress: () => undefined }), /SHA256SUMS: /);
});

function fakeProgram(name: string, script: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

async function serveRelease(): Promise<{
  readonly address: string;
  readonly changeArchive: () => void;
  readonly stop: () => void;
}> {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const name = `nats-server-v2.10.24-${process.platform}-${architecture}`;
  fakeProgram(`release/${name}/nats-server`, "echo nats-server: v2.10.24");
  const archive = join(folder, "release.tar.gz");
  execFileSync("tar", ["-czf", archive, "-C", join(folder, "release"), name]);
  const sum = createHash("sha256").update(readFileSync(archive)).digest("hex");
  const server = createServer((request, response) => {
    const isSums = request.url?.endsWith("/SHA256SUMS") === true;
    response.end(isSums ? `${sum}  ${name}.tar.gz\n` : readFileSync(archive));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    address: `http://127.0.0.1:${port}`,
    changeArchive: () => writeFileSync(archive, "something else"),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
