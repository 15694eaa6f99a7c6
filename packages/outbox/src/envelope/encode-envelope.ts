import { timeOfUuidv7 } from "@ordersaga/kernel";

import type { EventContext } from "../unit-of-work.ts";
import { envelopeTags, eventTags, timestampTags, varintSize } from "./wire.ts";

/** One event of an envelope: its payload is encoded already, its id still to be given. */
export type EncodedEvent = {
  /** Kept when the event is sent again; otherwise it becomes `<envelope id>/<index>`. */
  readonly id?: string;
  readonly payload: Uint8Array;
  readonly context: EventContext;
};

/**
 * Encodes a saga.v1.Envelope. Written by hand because it is the hottest code of the product: the size is
 * computed first, then every byte is written once, into one buffer. A test holds it against the generated
 * code. The id must be a UUIDv7: its time is the envelope's `create_time`.
 */
export function encodeEnvelope(envelope: {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly events: readonly EncodedEvent[];
}): Buffer {
  const { id, type, source, events } = envelope;
  const milliseconds = timeOfUuidv7(id) ?? 0;
  const seconds = Math.floor(milliseconds / 1000);
  const nanos = (milliseconds % 1000) * 1_000_000;
  const timeSize = numberSize(seconds) + numberSize(nanos);

  let size = textSize(id) + textSize(type) + textSize(source) + 2 + timeSize;
  const sizes: EventSizes[] = [];
  for (const [index, event] of events.entries()) {
    const sized = sizesOf(event, event.id ?? `${id}/${index}`);
    sizes.push(sized);
    size += 1 + varintSize(sized.total) + sized.total;
  }

  writer.start(size);
  writer.text(envelopeTags.id, id, id.length);
  writer.text(envelopeTags.type, type, Buffer.byteLength(type));
  writer.text(envelopeTags.source, source, Buffer.byteLength(source));
  writer.message(envelopeTags.createTime, timeSize);
  writer.number(timestampTags.seconds, seconds);
  writer.number(timestampTags.nanos, nanos);
  for (const [index, event] of events.entries()) {
    writeEvent(event, sizes[index] as EventSizes);
  }
  return writer.finish();
}

/**
 * Bytes that one event will take in an envelope at most; cheaper than the exact number.
 */
export function largestSizeOf(event: EncodedEvent): number {
  const { payload, context } = event;
  return (
    payload.length +
    context.state.length +
    context.sessionId.length * 3 +
    context.traceparent.length +
    // The ids of saga and event, the numbers, every tag and every length.
    128
  );
}

/** Bytes of every text of an event, and of the event as a whole. */
type EventSizes = {
  readonly id: string;
  readonly idSize: number;
  readonly saga: number;
  readonly session: number;
  readonly traceparent: number;
  readonly total: number;
};

function sizesOf(event: EncodedEvent, id: string): EventSizes {
  const { payload, context } = event;
  const idSize = Buffer.byteLength(id);
  const saga = Buffer.byteLength(context.sagaId);
  const session = Buffer.byteLength(context.sessionId);
  const traceparent = Buffer.byteLength(context.traceparent);
  return {
    id,
    idSize,
    saga,
    session,
    traceparent,
    total:
      bytesSize(idSize) +
      bytesSize(saga) +
      bytesSize(session) +
      bytesSize(traceparent) +
      numberSize(context.definitionVersion) +
      numberSize(context.coordination) +
      bytesSize(payload.length) +
      bytesSize(context.state.length),
  };
}

function writeEvent(event: EncodedEvent, sizes: EventSizes): void {
  const { payload, context } = event;
  writer.message(envelopeTags.events, sizes.total);
  writer.text(eventTags.id, sizes.id, sizes.idSize);
  writer.text(eventTags.sagaId, context.sagaId, sizes.saga);
  writer.text(eventTags.sessionId, context.sessionId, sizes.session);
  writer.text(eventTags.traceparent, context.traceparent, sizes.traceparent);
  writer.number(eventTags.definitionVersion, context.definitionVersion);
  writer.number(eventTags.coordination, context.coordination);
  writer.bytes(eventTags.payload, payload);
  writer.bytes(eventTags.state, context.state);
}

function textSize(text: string): number {
  return bytesSize(Buffer.byteLength(text));
}

/** A length-delimited field; proto3 leaves out empty ones. */
function bytesSize(length: number): number {
  return length === 0 ? 0 : 1 + varintSize(length) + length;
}

function numberSize(value: number): number {
  return value === 0 ? 0 : 1 + varintSize(value);
}

/** Writes forward into one buffer of exactly the right size. One is enough: encoding never yields. */
class Writer {
  #buffer = Buffer.alloc(0);
  #at = 0;

  start(size: number): void {
    this.#buffer = Buffer.allocUnsafeSlow(size);
    this.#at = 0;
  }

  finish(): Buffer {
    const buffer = this.#buffer;
    if (this.#at !== buffer.length) {
      throw new Error(`an envelope of ${buffer.length} bytes was filled with ${this.#at}`);
    }
    this.#buffer = empty;
    return buffer;
  }

  text(tag: number, text: string, byteLength: number): void {
    if (byteLength > 0) {
      this.message(tag, byteLength);
      this.#buffer.write(text, this.#at, byteLength === text.length ? "latin1" : "utf8");
      this.#at += byteLength;
    }
  }

  bytes(tag: number, bytes: Uint8Array): void {
    if (bytes.length > 0) {
      this.message(tag, bytes.length);
      this.#buffer.set(bytes, this.#at);
      this.#at += bytes.length;
    }
  }

  number(tag: number, value: number): void {
    if (value !== 0) {
      this.message(tag, value);
    }
  }

  /** A tag and the varint behind it: a length, or the value itself. */
  message(tag: number, value: number): void {
    this.#buffer[this.#at++] = tag;
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#at++] = rest;
  }
}

const empty = Buffer.alloc(0);
const writer = new Writer();
