import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, constants, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http2";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";

import { create, toBinary } from "@bufbuild/protobuf";
import { Server, status } from "@grpc/grpc-js";
import { GetProductRequestSchema } from "@ordersaga/gen/inventory/v1/inventory_service";

import { AppError } from "@ordersaga/kernel";

import { fakeInventory } from "../testing/fake-inventory.ts";
import { startedServer } from "../testing/started-server.ts";

const laptop = toBinary(
  GetProductRequestSchema,
  create(GetProductRequestSchema, { productId: "laptop" }),
);

describe("gRPC on the wire", () => {
  test("grpc-js keeps its HTTP/2 servers where ours looks for them", () => {
    const server = new Server();
    assert.ok("http2Servers" in server, "a new version of grpc-js: see http2ServerOf");
  });

  test("a message is answered", async () => {
    await using server = await startedServer();
    const answer = await call(server.url, {}, frame(laptop));
    assert.equal(answer.status, status.OK);
  });

  test("a compressed message is answered", async () => {
    await using server = await startedServer();
    const encoding = { "grpc-encoding": "gzip" };
    const answer = await call(server.url, encoding, frame(gzipSync(laptop), 1));
    assert.equal(answer.status, status.OK);
  });

  for (const [what, headers, body, expected] of [
    ["garbage in a frame", {}, frame(Buffer.from([0xff, 0xff])), status.INVALID_ARGUMENT],
    [
      "a compressed message that is garbage",
      { "grpc-encoding": "gzip" },
      frame(Buffer.from("garbage"), 1),
      status.INVALID_ARGUMENT,
    ],
    [
      "half a compressed message",
      { "grpc-encoding": "gzip" },
      frame(gzipSync(laptop).subarray(0, 12), 1),
      status.INVALID_ARGUMENT,
    ],
    ["an unknown compression", { "grpc-encoding": "zip" }, frame(laptop, 1), status.UNIMPLEMENTED],
    ["no message", {}, Buffer.alloc(0), status.UNIMPLEMENTED],
    ["half a frame", {}, frame(laptop).subarray(0, 7), status.UNIMPLEMENTED],
    ["two messages", {}, Buffer.concat([frame(laptop), frame(laptop)]), status.UNIMPLEMENTED],
    ["a frame that claims 4 GiB", {}, frameOfLength(0xffffffff), status.RESOURCE_EXHAUSTED],
    ["a malformed time-out", { "grpc-timeout": "soon" }, frame(laptop), status.INVALID_ARGUMENT],
    [
      "a time-out of another unit",
      { "grpc-timeout": "1d" },
      frame(laptop),
      status.INVALID_ARGUMENT,
    ],
    ["the longest time-out", { "grpc-timeout": "99999999H" }, frame(laptop), status.OK],
    ["an unknown method", { ":path": "/a.v1.B/C" }, frame(laptop), status.UNIMPLEMENTED],
  ] as const) {
    test(`${what} is ${status[expected]}`, async () => {
      await using server = await startedServer();
      const answer = await call(server.url, headers, body);
      assert.equal(status[answer.status], status[expected]);
    });
  }

  test("a caller that never ends its request meets the server's deadline", async () => {
    await using server = await startedServer({ maxTimeoutMs: 50 });
    const answer = await call(server.url, {}, undefined);
    assert.equal(answer.status, status.DEADLINE_EXCEEDED);
  });

  test("gRPC, Connect and JSON share one connection", async () => {
    await using server = await startedServer();
    const session = connect(server.url);
    const answers = await Promise.all(
      ["application/grpc", "application/grpc-web+proto", "application/json"].map(async (type) => {
        const stream = session.request({
          ":method": "POST",
          ":path": "/inventory.v1.InventoryService/GetProduct",
          "content-type": type,
          "x-session-id": "s1",
        });
        stream.end(type === "application/json" ? '{"productId":"laptop"}' : frame(laptop));
        const [headers] = await once(stream, "response");
        const body = Buffer.concat(await Array.fromAsync<Buffer>(stream)).toString("latin1");
        return [headers[":status"], headers["content-type"], body.includes("laptop")];
      }),
    );
    session.close();
    assert.deepEqual(answers, [
      [200, "application/grpc+proto", true],
      [200, "application/grpc-web+proto", true],
      [200, "application/json", true],
    ]);
  });

  test("a request that is not gRPC and does not end is given up", async () => {
    await using server = await startedServer({ maxTimeoutMs: 50 });
    const session = connect(server.url);
    const stream = session.request({
      ":method": "POST",
      ":path": "/inventory.v1.InventoryService/GetProduct",
      "content-type": "application/json",
    });
    stream.write("{");
    stream.on("error", () => {});
    await once(stream, "close");
    session.destroy();
    assert.equal(stream.rstCode, constants.NGHTTP2_CANCEL);
  });

  test("a plain endpoint over HTTP/2 refuses too large a body", async () => {
    const http = { "/webhook": async () => new Response("ok", { headers: { "x-a": "b" } }) };
    await using server = await startedServer({ http, maxRequestBytes: 10 });
    const session = connect(server.url);
    for (const [body, expected] of [
      ["x".repeat(11), 413],
      ["x", 200],
    ] as const) {
      const stream = session.request({ ":method": "POST", ":path": "/webhook" });
      stream.end(body);
      const [headers] = await once(stream, "response");
      assert.equal(headers[":status"], expected);
      stream.close();
    }
    session.close();
  });

  test("a message with what no header can carry is told nevertheless", async () => {
    const inventory = fakeInventory({
      getProduct: async () => {
        const field = "f".repeat(100_000);
        throw new AppError({
          code: "CONFLICT",
          message: `\ud800\r\n${field}`,
          fields: Array.from({ length: 1000 }, () => ({ field, description: "\ud800" })),
        });
      },
    });
    await using server = await startedServer({ services: [inventory] });
    const answer = await call(server.url, {}, frame(laptop));
    assert.equal(answer.status, status.ABORTED);
  });
});

function frame(message: Uint8Array, compressed = 0): Buffer {
  const head = frameOfLength(message.length);
  head.writeUInt8(compressed, 0);
  return Buffer.concat([head, message]);
}

function frameOfLength(length: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 1);
  return head;
}

/** Makes a call from bare frames; without a body the request is never ended. */
async function call(
  url: string,
  headers: OutgoingHttpHeaders,
  body: Buffer | undefined,
): Promise<{ readonly status: number }> {
  const session = connect(url);
  try {
    const stream = session.request({
      ":method": "POST",
      ":path": "/inventory.v1.InventoryService/GetProduct",
      "content-type": "application/grpc",
      te: "trailers",
      "x-session-id": "s1",
      ...headers,
    });
    if (body !== undefined) {
      stream.end(body);
    }
    let trailers: IncomingHttpHeaders = {};
    stream.on("response", (response) => {
      trailers = response;
    });
    stream.on("trailers", (received) => {
      trailers = received;
    });
    stream.resume();
    await once(stream, body === undefined ? "response" : "end");
    return { status: Number(trailers["grpc-status"]) };
  } finally {
    session.destroy();
  }
}
