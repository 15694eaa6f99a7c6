import assert from "node:assert/strict";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { dataRoot, placeData, whoUsesData } from "./data-folders.ts";
import { startNats } from "./start-nats.ts";
import { unprivilegedUser } from "./unprivileged-user.ts";

const folder = mkdtempSync(join(tmpdir(), "ordersaga-places-"));
after(() => rmSync(folder, { recursive: true }));
const runAs = unprivilegedUser(folder);

test("data stay in a checkout that PostgreSQL's user can enter", () => {
  chmodSync(folder, 0o755);
  const checkout = join(folder, "open");
  const wanted = join(checkout, ".data/postgres");
  assert.equal(placeData({ wanted, runAs, progress: () => undefined }), wanted);
  assert.equal(dataRoot(checkout).postgres, wanted);
});

test("data live outside of a checkout that is closed to that user, and the checkout knows where", (t) => {
  if (runAs === undefined) {
    t.skip("only as root does PostgreSQL run as another user");
    return;
  }
  const checkout = join(folder, "closed");
  mkdirSync(checkout, { mode: 0o700 });
  const wanted = join(checkout, ".data/postgres");
  const place = placeData({ wanted, runAs, progress: () => undefined });
  assert.ok(!place.startsWith(folder));
  assert.equal(dataRoot(checkout).postgres, place);
  assert.equal(placeData({ wanted, runAs, progress: () => undefined }), place);
  assert.ok(!existsSync(place));

  cpSync(checkout, join(folder, "copy"), { recursive: true });
  const copy = dataRoot(join(folder, "copy"));
  assert.equal(copy.postgres, join(copy.folder, "postgres"));
});

test("a checkout tells who runs its servers, until they are stopped", async (t) => {
  const root = dataRoot(join(folder, "used"));
  assert.equal(whoUsesData(root), undefined);
  const nats = await startNats({ dataDir: root.nats, port: 0 });
  t.after(nats.stop);
  assert.equal(whoUsesData(root), process.pid);
  await nats.stop();
  assert.equal(whoUsesData(root), undefined);
});
