import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { rawSocket } from "./testing/raw-socket.ts";
import { startedServer } from "./testing/started-server.ts";

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const emptySettings = "\0\0\0\u0004\0\0\0\0\0";

describe("One port", () => {
  test("closes a connection that says nothing", async () => {
    await using server = await startedServer({ firstBytesWithinMs: 50 });
    using socket = await rawSocket(server.port);
    assert.equal(await socket.closed, "");
  });

  test("closes a connection that sends half a preface", async () => {
    await using server = await startedServer({ firstBytesWithinMs: 50 });
    for (const half of ["P", "PR", "PRI", preface.slice(0, -1)]) {
      using socket = await rawSocket(server.port);
      socket.write(half);
      assert.equal(await socket.closed, "");
    }
  });

  test("closes a connection whose request head does not end", async () => {
    await using server = await startedServer({ firstBytesWithinMs: 50 });
    using socket = await rawSocket(server.port);
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n");
    assert.match(await socket.closed, /^HTTP\/1.1 408 /);
  });

  test("closes a connection whose request body does not end", async () => {
    await using server = await startedServer({ maxTimeoutMs: 50 });
    using socket = await rawSocket(server.port);
    socket.write(
      "POST /inventory.v1.InventoryService/GetProduct HTTP/1.1\r\nHost: x\r\n" +
        "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{",
    );
    await socket.closed;
  });

  test("understands a preface and a request that come byte by byte", async () => {
    await using server = await startedServer();
    using http2 = await rawSocket(server.port);
    for (const byte of preface + emptySettings) {
      http2.write(byte);
      await new Promise(setImmediate);
    }
    await http2.receives(emptySettings.slice(0, 4).replace("\0\0\0", ""));
    using http1 = await rawSocket(server.port);
    for (const byte of "GET / HTTP/1.1\r\nHost: x\r\n\r\n") {
      http1.write(byte);
      await new Promise(setImmediate);
    }
    await http1.receives("This port speaks gRPC");
  });

  test("answers a method that merely begins like a preface", async () => {
    await using server = await startedServer();
    using socket = await rawSocket(server.port);
    socket.write("PROPFIND / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert.match(await socket.closed, /^HTTP\/1.1 404 /);
  });

  test("outlives garbage", async () => {
    await using server = await startedServer();
    for (const garbage of [
      "\u0016\u0003\u0001\0\0",
      `PRI nonsense${"x".repeat(30)}`,
      "\r\n\r\n\0",
    ]) {
      using socket = await rawSocket(server.port);
      socket.write(garbage);
      await socket.closed;
    }
    assert.equal((await fetch(server.url)).status, 200);
  });

  test("answers a client that ends its side after the request", async () => {
    await using server = await startedServer();
    const socket = await rawSocket(server.port);
    socket.write("GET / HTTP/1.0\r\n\r\n");
    assert.match(await socket.closed, /This port speaks gRPC/);
  });

  test("refuses a port that is taken", async () => {
    await using server = await startedServer();
    await assert.rejects(startedServer({ port: server.port }), { code: "EADDRINUSE" });
  });
});
