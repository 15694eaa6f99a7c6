import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { promisify } from "node:util";

import { startedServer } from "./testing/started-server.ts";

const buf = createRequire(import.meta.url).resolve("@bufbuild/buf/bin/buf");

describe("buf curl, which knows a service by reflection only,", () => {
  for (const protocol of ["grpc", "grpcweb", "connect"]) {
    test(`calls by ${protocol}`, async () => {
      await using server = await startedServer();
      const session = ["-H", "x-session-id: s1"];
      const data = ["-d", '{"product_id":"laptop"}'];
      const answer = await curl(server.url, ["--protocol", protocol, ...session, ...data]);
      assert.deepEqual(JSON.parse(answer), { product: { id: "laptop", name: "s1" } });
    });
  }

  test("sees an error with its details", async () => {
    await using server = await startedServer();
    const options = ["--protocol", "grpc", "-d", "{}"];
    await assert.rejects(curl(server.url, options), ({ stderr }: { stderr: string }) => {
      assert.match(stderr, /"code": "invalid_argument"/);
      assert.match(stderr, /"type": "google\.rpc\.BadRequest"/);
      return true;
    });
  });
});

async function curl(baseUrl: string, options: readonly string[]): Promise<string> {
  const url = `${baseUrl}/inventory.v1.InventoryService/GetProduct`;
  const args = [buf, "curl", "--http2-prior-knowledge", ...options, url];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
  return stdout;
}
