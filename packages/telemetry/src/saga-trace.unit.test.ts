import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { trace } from "@opentelemetry/api";
import { hexOfUuid, uuidv7 } from "@ordersaga/kernel";

import { contextOfSaga, isSagaSampled, rootSpanIdOf, traceparentOf } from "./saga-trace.ts";

const sagaId = "0199a3f0c1d27e3489abcdef01234567";

describe("a saga's trace", () => {
  it("has a root whose span id everybody can derive from the saga's id, in both its forms", () => {
    assert.equal(rootSpanIdOf(sagaId), "89abcdef01234567");
    assert.equal(rootSpanIdOf("0199a3f0-c1d2-7e34-89ab-cdef01234567"), "89abcdef01234567");
  });

  it("is named by a traceparent whose trace id is the saga's id", () => {
    assert.equal(traceparentOf(sagaId, true), `00-${sagaId}-89abcdef01234567-01`);
    assert.equal(traceparentOf(sagaId, false), `00-${sagaId}-89abcdef01234567-00`);
  });

  it("refuses an id that is not a saga's", () => {
    assert.throws(() => traceparentOf("order 7", true), /not the id of a saga/);
  });

  it("makes spans children of the root", () => {
    const parent = trace.getSpanContext(contextOfSaga({ sagaId, isSampled: true }));
    assert.equal(parent?.traceId, sagaId);
    assert.equal(parent.spanId, rootSpanIdOf(sagaId));
    assert.equal(parent.traceFlags, 1);
  });
});

describe("isSagaSampled", () => {
  const ids = Array.from({ length: 4000 }, () => hexOfUuid(uuidv7()) ?? "");

  it("takes all sagas at 1 and none at 0", () => {
    assert.ok(ids.every((id) => isSagaSampled(id, 1)));
    assert.ok(!ids.some((id) => isSagaSampled(id, 0)));
  });

  it("takes about its share, and of a larger share at least the same sagas", () => {
    const tenth = ids.filter((id) => isSagaSampled(id, 0.1));
    assert.ok(tenth.length > 280 && tenth.length < 520, `${tenth.length} of 4000`);
    assert.ok(tenth.every((id) => isSagaSampled(id, 0.3)));
  });
});
