import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, it } from "node:test";

import { CauseSchema } from "@ordersaga/gen/saga/v1/saga";
import { uuidv7 } from "@ordersaga/kernel";
import { waitFor } from "@ordersaga/testkit";

import { encodeEnvelope } from "../envelope/encode-envelope.ts";
import { contextOf, createWorld, effectsOf, recordEffects, type World } from "../testing/world.ts";
import type { EventContext } from "../unit-of-work.ts";

const subject = "saga.v1.cause";
const long = randomBytes(50_000).toString("base64");

/** What no service of ours would send, but anybody who reaches the broker can. */
const forgeries: Readonly<Record<string, Forgery>> = {
  "a saga id with NUL": { context: { sagaId: "a\0b" } },
  "a saga id longer than an index can hold": { context: { sagaId: long } },
  "a session id with NUL": { context: { sessionId: "\0" } },
  "a session id that is very long": { context: { sessionId: long } },
  "an event id with NUL": { id: "\0" },
  "an event id longer than an index can hold": { id: long },
  "a traceparent with NUL in an event that is refused": {
    payload: Buffer.of(0x0b),
    context: { traceparent: "\0" },
  },
  "headers with NUL, and with its escape sequence": {
    payload: Buffer.of(0x0b),
    headers: { "ce-one": "\0", two: "\0", three: "\\u0000", "ce-four": "\\u0000" },
  },
  "a header with half of a surrogate pair": {
    payload: Buffer.of(0x0b),
    headers: { "ce-one": "\ud800", two: "\udfff" },
  },
  "very many headers": {
    payload: Buffer.of(0x0b),
    headers: Object.fromEntries(
      Array.from({ length: 300 }, (_one, index) => [`ce-x${index}`, long.slice(0, 2000)]),
    ),
  },
  "half a million empty events": { body: manyEvents(500_000) },
  "a body as large as the broker takes": { body: Buffer.alloc(1024 * 1024 - 512, 0x0b) },
};

type Forgery = {
  readonly id?: string;
  readonly payload?: Uint8Array;
  readonly context?: Partial<EventContext>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
};

describe("a message forged by somebody else", () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld("outbox_hostile");
  });
  afterEach(() => world[Symbol.asyncDispose]());

  for (const [what, forgery] of Object.entries(forgeries)) {
    it(`becomes one dead letter with a copy, and holds nothing up: ${what}`, async () => {
      const receiver = await world.outbox({ service: "receiver" });
      await receiver.start([recordEffects()]);
      await publish(bytesOf(forgery), forgery.headers);
      await publish(bytesOf({}));
      await waitFor(async () => (await effectsOf(world.tables))["good"] === 1, {
        withinMs: 3000,
        describe: "the message behind it",
      });
      const [held] = await waitFor(
        async () => {
          const rows = await world.tables.query<Held>("select * from held_message");
          return rows.length > 0 && rows;
        },
        { withinMs: 3000, describe: "the dead letter" },
      );
      assert.deepEqual([held?.status, held?.reason], ["DEAD", "UNDECODABLE"]);
      const copies = await waitFor(
        async () => {
          const rows = await world.tables.query<Copy>(
            "select * from outbox where published_at is not null and subject like 'dlq.%'",
          );
          return rows.length > 0 && rows;
        },
        { withinMs: 3000, describe: "the copy" },
      );
      assert.equal(copies.length, 1);
      assert.ok(sizeOf(copies[0]) < 1_000_000, `${sizeOf(copies[0])} bytes`);
    });
  }

  async function publish(data: Buffer, headers: Readonly<Record<string, string>> = {}) {
    await world.bus.publish({ id: uuidv7(), subject, data, headers });
  }
});

type Held = { readonly status: string; readonly reason: string };
type Copy = { readonly body: Buffer; readonly headers: Readonly<Record<string, string>> };

function sizeOf(copy: Copy | undefined): number {
  return (copy?.body.length ?? 0) + JSON.stringify(copy?.headers).length;
}

function manyEvents(count: number): Buffer {
  const envelope = { id: uuidv7(), type: CauseSchema.typeName, source: "test", events: [] };
  return Buffer.concat([encodeEnvelope(envelope), Buffer.from("2a00".repeat(count), "hex")]);
}

function bytesOf({ body, id, payload, context }: Forgery): Buffer {
  const good = Buffer.concat([Buffer.of(0x0a, 4), Buffer.from("good")]);
  const event = { payload: payload ?? good, context: contextOf(context) };
  const events = [id === undefined ? event : { ...event, id }];
  return (
    body ?? encodeEnvelope({ id: uuidv7(), type: CauseSchema.typeName, source: "test", events })
  );
}
