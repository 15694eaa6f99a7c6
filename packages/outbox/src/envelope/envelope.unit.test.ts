import assert from "node:assert/strict";
import { test } from "node:test";

import { create, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Envelope, EnvelopeSchema } from "@ordersaga/gen/saga/v1/envelope";
import { CauseSchema } from "@ordersaga/gen/saga/v1/saga";
import { AppError, PermanentError, timeOfUuidv7, uuidv7 } from "@ordersaga/kernel";
import * as fc from "fast-check";

import { decodeEnvelope } from "./decode-envelope.ts";
import { type EncodedEvent, encodeEnvelope, largestSizeOf } from "./encode-envelope.ts";
import { checkEventSize, envelopesOf } from "./envelopes-of.ts";

test("an envelope is encoded exactly as the generated code encodes it", () => {
  fc.assert(
    fc.property(fc.array(events(), { maxLength: 20 }), fc.string(), (given, source) => {
      const id = uuidv7();
      const encoded = encodeEnvelope({ id, type: "a.v1.B", source, events: given });
      assert.deepEqual(
        new Uint8Array(encoded),
        toBinary(EnvelopeSchema, generated({ id, type: "a.v1.B", source, events: given })),
      );
    }),
  );
});

test("what the generated code encodes is decoded", () => {
  fc.assert(
    fc.property(fc.array(events(), { maxLength: 20 }), fc.string(), (given, source) => {
      const id = uuidv7();
      const envelope = generated({ id, type: "a.v1.B", source, events: given });
      const decoded = decodeEnvelope(toBinary(EnvelopeSchema, envelope));
      assert.equal(decoded.id, id);
      assert.equal(decoded.type, "a.v1.B");
      assert.equal(decoded.source, envelope.source);
      assert.equal(decoded.createTime.getTime(), timeOfUuidv7(id));
      for (const [index, read] of decoded.events.entries()) {
        const { payload, context } = given[index] ?? assert.fail();
        assert.equal(read.id, given[index]?.id ?? `${id}/${index}`);
        assert.deepEqual(new Uint8Array(read.payload), payload);
        assert.deepEqual({ ...read.context, state: new Uint8Array(read.context.state) }, context);
      }
    }),
  );
});

test("fields that came later are skipped", () => {
  const id = uuidv7();
  const envelope = toBinary(EnvelopeSchema, generated({ id, type: "t", source: "s", events: [] }));
  const later = Uint8Array.from(
    [
      [0x98, 0x06, 0x96, 0x01], // field 99, varint
      [0x9a, 0x06, 0x02, 0x41, 0x42], // field 99, bytes
      [0x99, 0x06, 1, 2, 3, 4, 5, 6, 7, 8], // field 99, 64 bits
      [0x9d, 0x06, 1, 2, 3, 4], // field 99, 32 bits
    ].flat(),
  );
  const decoded = decodeEnvelope(Buffer.concat([later, envelope, later]));
  assert.deepEqual([decoded.id, decoded.type, decoded.source], [id, "t", "s"]);
});

test("bytes that are no envelope are undecodable, and nothing else", () => {
  const good = encodeEnvelope({ id: uuidv7(), type: "t", source: "s", events: [event()] });
  for (let length = 0; length < good.length; length += 1) {
    isUndecodableOrShort(good.subarray(0, length));
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), isUndecodableOrShort), {
    numRuns: 2000,
  });
  for (const id of ["", "1", uuidv7().toUpperCase(), uuidv7().replaceAll("-", "")]) {
    const bytes = toBinary(EnvelopeSchema, create(EnvelopeSchema, { id }));
    assert.throws(() => decodeEnvelope(bytes), PermanentError);
  }
});

test("an envelope of more events than anybody may write is undecodable", () => {
  assert.equal(decodeEnvelope(withEvents(10_000)).events.length, 10_000);
  assert.throws(() => decodeEnvelope(withEvents(10_001)), { code: "UNDECODABLE" });
});

test("events are split at the limit of events and at the limit of bytes", () => {
  const limits = { envelopeEvents: 3, envelopeBytes: 4096 };
  const options = { type: CauseSchema, source: "s", limits, newId: () => uuidv7() };
  const counts = (given: readonly EncodedEvent[]) =>
    envelopesOf({ ...options, events: given }).map(
      ({ body }) => decodeEnvelope(body).events.length,
    );
  assert.deepEqual(counts([]), []);
  assert.deepEqual(counts(Array.from({ length: 7 }, () => event())), [3, 3, 1]);
  assert.deepEqual(counts([event(2500), event(2500), event(100)]), [1, 2]);
  for (const { body } of envelopesOf({ ...options, events: [event(3800), event(3800)] })) {
    assert.ok(body.length <= limits.envelopeBytes + 100);
  }
});

test("an event larger than an envelope is refused as a bad argument", () => {
  const limits = { envelopeEvents: 3, envelopeBytes: 4096 };
  assert.throws(() => checkEventSize(event(4096), limits), isTooLarge);
  assert.doesNotThrow(() => checkEventSize(event(3000), limits));
});

test("the largest size of an event is never below its real one", () => {
  fc.assert(
    fc.property(events(), (given) => {
      const empty = encodeEnvelope({ id: uuidv7(), type: "t", source: "s", events: [] });
      const one = encodeEnvelope({
        id: uuidv7(),
        type: "t",
        source: "s",
        events: [{ payload: given.payload, context: given.context }],
      });
      assert.ok(one.length - empty.length <= largestSizeOf(given));
    }),
  );
});

function isTooLarge(error: unknown): boolean {
  return (
    error instanceof AppError &&
    error.code === "INVALID_ARGUMENT" &&
    error.details.reason === "TOO_LARGE_FOR_AN_ENVELOPE"
  );
}

function isUndecodableOrShort(bytes: Uint8Array): void {
  try {
    decodeEnvelope(bytes);
  } catch (error) {
    assert.ok(error instanceof PermanentError);
    assert.equal(error.code, "UNDECODABLE");
  }
}

function event(payloadBytes = 10): EncodedEvent {
  return {
    payload: new Uint8Array(payloadBytes),
    context: {
      sagaId: "0".repeat(32),
      sessionId: "demo",
      traceparent: "",
      definitionVersion: 1,
      coordination: 1,
      state: new Uint8Array(),
    },
  };
}

function events(): fc.Arbitrary<EncodedEvent> {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const context = fc.record(
    {
      sagaId: fc.constantFrom("", "0123456789abcdef0123456789abcdef"),
      sessionId: text(),
      traceparent: fc.constantFrom("", `00-${"a".repeat(32)}-${"b".repeat(16)}-01`),
      definitionVersion: fc.nat(),
      coordination: fc.constantFrom(0, 1, 2),
      state: bytes,
    },
    plain,
  );
  return fc.oneof(
    fc.record({ payload: bytes, context }, plain),
    fc.record({ payload: bytes, context, id: text(1) }, plain),
  );
}

const plain = { noNullPrototype: true } as const;

/** Any Unicode text but lone surrogates, which UTF-8 cannot carry. */
function text(minLength = 0): fc.Arbitrary<string> {
  return fc.string({ unit: "binary", minLength, maxLength: 40 });
}

function generated(envelope: Parameters<typeof encodeEnvelope>[0]): Envelope {
  return create(EnvelopeSchema, {
    id: envelope.id,
    type: envelope.type,
    source: envelope.source,
    createTime: timestampFromMs(timeOfUuidv7(envelope.id) ?? 0),
    events: envelope.events.map(({ id, payload, context }, index) => ({
      id: id ?? `${envelope.id}/${index}`,
      payload,
      ...context,
    })),
  });
}

/** An envelope of empty events, which take two bytes each. */
function withEvents(count: number): Buffer {
  const envelope = { id: uuidv7(), type: "a.B", source: "c", events: [] };
  return Buffer.concat([encodeEnvelope(envelope), Buffer.from("2a00".repeat(count), "hex")]);
}
