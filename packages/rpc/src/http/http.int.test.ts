import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { rawSocket } from "../testing/raw-socket.ts";
import { startedServer } from "../testing/started-server.ts";

const path = "/inventory.v1.InventoryService/GetProduct";
const json = { "content-type": "application/json", "x-session-id": "s1" };

describe("Plain HTTP", () => {
  test("a JSON call by POST is answered with JSON", async () => {
    await using server = await startedServer();
    const body = JSON.stringify({ product_id: "laptop", of_a_later_version: 1 });
    const response = await fetch(server.url + path, { method: "POST", headers: json, body });
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { product: { id: "laptop", name: "s1" } });
  });

  test("a method without side effects is answered by GET", async () => {
    await using server = await startedServer();
    const query = `?encoding=json&message=${encodeURIComponent('{"productId":"laptop"}')}`;
    const response = await fetch(server.url + path + query, { headers: { "x-session-id": "s1" } });
    assert.deepEqual(await response.json(), { product: { id: "laptop", name: "s1" } });
  });

  for (const [what, body] of [
    ["malformed JSON", '{"productId":'],
    ["a wrong type", '{"productId":{"a":1}}'],
    ["no object", "[]"],
    ["nothing", ""],
    ["half a surrogate pair", String.raw`{"productId":"\ud800"}`],
    ["bytes that are not UTF-8", Buffer.from([0x7b, 0xff, 0xfe])],
  ] as const) {
    test(`${what} is INVALID_ARGUMENT`, async () => {
      await using server = await startedServer();
      const response = await fetch(server.url + path, { method: "POST", headers: json, body });
      assert.equal(response.status, 400);
      const error = (await response.json()) as { code: string; details: { type: string }[] };
      assert.equal(error.code, "invalid_argument");
      assert.equal(error.details[0]?.type, "google.rpc.ErrorInfo");
    });
  }

  for (const query of [
    "?encoding=json&message={",
    "?encoding=proto&base64=1&message=***",
    "?encoding=proto&base64=1&message=_____w",
    "?encoding=proto&base64=1&compression=gzip&message=AAAA",
  ]) {
    test(`the query ${query} is INVALID_ARGUMENT`, async () => {
      await using server = await startedServer();
      const response = await fetch(server.url + path + query, { headers: { "x-session-id": "s" } });
      assert.equal(response.status, 400);
      assert.equal(((await response.json()) as { code: string }).code, "invalid_argument");
    });
  }

  test("bytes that are not compressed as they claim are INVALID_ARGUMENT", async () => {
    await using server = await startedServer();
    // Garbage, and the beginning of something compressed.
    for (const body of [Buffer.from("{}"), Buffer.from("H4sIAAAAAAAAA6tWKijKTynJ", "base64")]) {
      const headers = { ...json, "content-encoding": "gzip" };
      const response = await fetch(server.url + path, { method: "POST", headers, body });
      assert.equal(response.status, 400);
      assert.equal(((await response.json()) as { code: string }).code, "invalid_argument");
    }
  });

  test("a call without a usable host is refused", async () => {
    await using server = await startedServer();
    for (const head of ["HTTP/1.0", "HTTP/1.1\r\nHost: :::", "HTTP/1.1\r\nHost: a b"]) {
      using socket = await rawSocket(server.port);
      socket.write(`POST ${path} ${head}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      assert.match(await socket.closed, /^HTTP\/1.1 400 /);
    }
    assert.equal((await fetch(server.url)).status, 200);
  });

  test("browsers of any origin may call", async () => {
    await using server = await startedServer();
    const preflight = await fetch(server.url + path, {
      method: "OPTIONS",
      headers: {
        origin: "http://shop.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-session-id",
      },
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
    const allowed = preflight.headers.get("access-control-allow-headers")?.toLowerCase() ?? "";
    for (const name of ["content-type", "x-session-id", "idempotency-key", "x-grpc-web"]) {
      assert.ok(allowed.split(", ").includes(name), name);
    }
    const call = await fetch(server.url + path, { method: "POST", headers: json, body: "{}" });
    assert.equal(call.headers.get("access-control-allow-origin"), "*");
    assert.match(call.headers.get("access-control-expose-headers") ?? "", /grpc-status/i);
  });

  test("GET / says what this is", async () => {
    await using server = await startedServer();
    const text = await (await fetch(server.url)).text();
    assert.match(text, /gRPC.*Connect/);
    assert.match(text, /inventory\.v1\.InventoryService\/GetProduct/);
  });

  test("an unknown method is UNIMPLEMENTED, another unknown path is not found", async () => {
    await using server = await startedServer();
    const call = await fetch(`${server.url}/a.v1.B/C`, { method: "POST", headers: json });
    assert.equal(call.status, 501);
    assert.equal(((await call.json()) as { code: string }).code, "unimplemented");
    assert.equal((await fetch(`${server.url}/favicon.ico`)).status, 404);
  });

  test("an endpoint gets a request and answers it", async () => {
    const http = {
      "/webhook": async (request: Request) =>
        new Response(`${request.headers.get("x-a")} ${await request.text()}`, {
          status: 202,
          headers: { "x-b": "c" },
        }),
    };
    await using server = await startedServer({ http, maxRequestBytes: 100 });
    const post = async (body: string) =>
      fetch(`${server.url}/webhook?x=1`, { method: "POST", headers: { "x-a": "b" }, body });
    const response = await post("paid");
    assert.equal(response.status, 202);
    assert.equal(response.headers.get("x-b"), "c");
    assert.equal(await response.text(), "b paid");
    assert.equal((await post("x".repeat(101))).status, 413);
  });

  test("a failing endpoint tells an id and nothing else", async () => {
    const http = {
      "/webhook": async () => {
        throw new Error("secret of the house");
      },
    };
    await using server = await startedServer({ http });
    const response = await fetch(`${server.url}/webhook`);
    assert.equal(response.status, 500);
    assert.match(await response.text(), /internal error [0-9a-f-]{36}/);
  });
});
