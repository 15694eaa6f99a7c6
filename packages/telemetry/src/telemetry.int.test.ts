import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { it } from "node:test";
import { promisify } from "node:util";

import { SpanKind, trace } from "@opentelemetry/api";

import { contextOfSaga, startSagaRoot, startTelemetry } from "./index.ts";

const sagaId = "0199a3f0c1d27e3489abcdef01234567";

it("exports a saga's root with the saga's id as trace id, and children of that root", async () => {
  await using collector = await startCollector();
  const telemetry = await startTelemetry({ service: "order", endpoint: collector.url });
  const tracer = trace.getTracer("test");
  const saga = { sagaId, isSampled: true };
  const root = startSagaRoot({ tracer, saga, name: "place-order", startTime: new Date(1000) });
  const child = tracer.startSpan("process", { kind: SpanKind.CONSUMER }, contextOfSaga(saga));
  const unsampled = { sagaId: sagaId.replace("0199", "0198"), isSampled: false };
  startSagaRoot({ tracer, saga: unsampled, name: "unsampled", startTime: new Date(1000) }).end();
  child.end();
  root.end();
  await telemetry[Symbol.asyncDispose]();
  assert.equal(root.spanContext().traceId, sagaId);
  assert.equal(root.spanContext().spanId, sagaId.slice(16));
  assert.equal(child.spanContext().traceId, sagaId);
  assert.notEqual(child.spanContext().spanId, sagaId.slice(16));
  const exported = collector.bodies("/v1/traces");
  const traceId = Buffer.from(sagaId, "hex");
  assert.equal(exported.toString("latin1").split(traceId.toString("latin1")).length - 1, 2);
  assert.match(exported.toString("latin1"), /place-order/);
  assert.doesNotMatch(exported.toString("latin1"), /unsampled/);
});

it("loads nothing of the SDK without an endpoint", async () => {
  const index = new URL("./index.ts", import.meta.url).href;
  const program = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    const { startTelemetry } = await import(${JSON.stringify(index)});
    await using telemetry = await startTelemetry({ service: "order", endpoint: undefined });
    console.log(loaded.filter((url) => /opentelemetry/.test(url)).join("\\n"));
  `;
  const arguments_ = ["--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, arguments_);
  assert.match(stdout, /@opentelemetry\/api\//);
  assert.doesNotMatch(stdout, /sdk|instrumentation|exporter/);
});

async function startCollector() {
  const received: { readonly path: string; readonly body: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    received.push({ path: request.url ?? "", body });
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    bodies: (path: string): Buffer =>
      Buffer.concat(received.filter((request) => request.path === path).map(({ body }) => body)),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
