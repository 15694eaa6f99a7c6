import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@ordersaga/gen/grpc/health/v1/health";

import { createRpcClient } from "../client.ts";
import { startedServer } from "../testing/started-server.ts";

const inventory = "inventory.v1.InventoryService";

describe("Health", () => {
  test("is NOT_SERVING until the service says otherwise, for each of its names", async () => {
    await using server = await startedServer();
    using client = createRpcClient(Health, { baseUrl: server.url, timeoutMs: 5000 });
    for (const service of ["", inventory]) {
      assert.equal((await client.check({ service })).status, Status.NOT_SERVING);
    }
    server.setServing(true);
    for (const service of ["", inventory]) {
      assert.equal((await client.check({ service })).status, Status.SERVING);
    }
    const { statuses } = await client.list({});
    assert.deepEqual(Object.keys(statuses), ["", inventory]);
    assert.equal(statuses[inventory]?.status, Status.SERVING);
  });

  test("of a service that is not served is NOT_FOUND, or SERVICE_UNKNOWN to watchers", async () => {
    await using server = await startedServer();
    using client = createRpcClient(Health, { baseUrl: server.url, timeoutMs: 5000 });
    await assert.rejects(client.check({ service: "a.v1.B" }), { code: "NOT_FOUND" });
    for await (const { status } of client.watch({ service: "a.v1.B" })) {
      assert.equal(status, Status.SERVICE_UNKNOWN);
      break;
    }
  });

  test("tells watchers every change and the end", async () => {
    await using server = await startedServer();
    using client = createRpcClient(Health, { baseUrl: server.url, timeoutMs: 5000 });
    const seen: number[] = [];
    await assert.rejects(
      async () => {
        for await (const { status } of client.watch({ service: inventory })) {
          seen.push(status);
          if (seen.length === 3) {
            void server.stop();
          } else {
            server.setServing(seen.length === 1);
            server.setServing(seen.length === 1);
          }
        }
      },
      { code: "UNAVAILABLE" },
    );
    assert.deepEqual(seen, [Status.NOT_SERVING, Status.SERVING, Status.NOT_SERVING]);
  });
});
