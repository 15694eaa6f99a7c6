import type { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { PermanentError, uuidOf } from "@ordersaga/kernel";

import type { EventContext } from "../unit-of-work.ts";
import { envelopeTags, eventTags, timestampTags } from "./wire.ts";

/**
 * As many as any setting lets a service of ours write. An event may take two bytes, so that without a limit
 * one message could occupy a process for minutes.
 */
const decodedEventsMax = 10_000;

/** An envelope as it was read; the payloads of its events are still encoded. */
export type DecodedEnvelope = {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly createTime: Date;
  readonly events: readonly DecodedEvent[];
};

export type DecodedEvent = {
  readonly id: string;
  /** A view of the message's bytes, not a copy. */
  readonly payload: Uint8Array;
  readonly context: EventContext;
};

/**
 * Reads a saga.v1.Envelope, by hand for the same reason as it is written by hand. Unknown fields are
 * skipped, repeated scalar fields keep the last value, as the specification of protobuf asks. Throws a
 * PermanentError `UNDECODABLE` for bytes that are no envelope, one without a UUID as its id, or one with more
 * than 10,000 events.
 */
export function decodeEnvelope(data: Uint8Array): DecodedEnvelope {
  try {
    const envelope = readEnvelope(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    if (uuidOf(envelope.id) !== envelope.id) {
      throw new RangeError("its id is not a UUID");
    }
    return envelope;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PermanentError({
      code: "UNDECODABLE",
      message: `not an envelope: ${reason}`,
      cause: error,
    });
  }
}

function readEnvelope(buffer: Buffer): DecodedEnvelope {
  const reader = new Reader(buffer, 0, buffer.length);
  let id = "";
  let type = "";
  let source = "";
  let createTime = 0;
  const events: DecodedEvent[] = [];
  while (!reader.isAtEnd()) {
    const tag = reader.varint();
    if (tag === envelopeTags.events) {
      if (events.length === decodedEventsMax) {
        throw new RangeError(`it has more than ${decodedEventsMax} events`);
      }
      events.push(readEvent(reader.part()));
    } else if (tag === envelopeTags.id) {
      id = reader.text();
    } else if (tag === envelopeTags.type) {
      type = reader.text();
    } else if (tag === envelopeTags.source) {
      source = reader.text();
    } else if (tag === envelopeTags.createTime) {
      createTime = readMilliseconds(reader.part());
    } else {
      reader.skip(tag);
    }
  }
  return { id, type, source, createTime: new Date(createTime), events };
}

function readEvent(reader: Reader): DecodedEvent {
  let id = "";
  let sagaId = "";
  let sessionId = "";
  let traceparent = "";
  let definitionVersion = 0;
  let coordination: Coordination = 0;
  let payload: Uint8Array = empty;
  let state: Uint8Array = empty;
  while (!reader.isAtEnd()) {
    const tag = reader.varint();
    switch (tag) {
      case eventTags.id:
        id = reader.text();
        break;
      case eventTags.sagaId:
        sagaId = reader.text();
        break;
      case eventTags.sessionId:
        sessionId = reader.text();
        break;
      case eventTags.traceparent:
        traceparent = reader.text();
        break;
      case eventTags.definitionVersion:
        definitionVersion = reader.varint();
        break;
      case eventTags.coordination:
        coordination = reader.varint() as Coordination;
        break;
      case eventTags.payload:
        payload = reader.bytes();
        break;
      case eventTags.state:
        state = reader.bytes();
        break;
      default:
        reader.skip(tag);
    }
  }
  const context = { sagaId, sessionId, traceparent, definitionVersion, coordination, state };
  return { id, payload, context };
}

function readMilliseconds(reader: Reader): number {
  let seconds = 0;
  let nanos = 0;
  while (!reader.isAtEnd()) {
    const tag = reader.varint();
    if (tag === timestampTags.seconds) {
      seconds = reader.varint();
    } else if (tag === timestampTags.nanos) {
      nanos = reader.varint();
    } else {
      reader.skip(tag);
    }
  }
  const milliseconds = seconds * 1000 + Math.floor(nanos / 1_000_000);
  return milliseconds <= 8.64e15 ? milliseconds : 0;
}

const empty = new Uint8Array(0);

/** Reads forward through a part of a buffer; never past its end. */
class Reader {
  readonly #buffer: Buffer;
  readonly #end: number;
  #at: number;

  constructor(buffer: Buffer, start: number, end: number) {
    this.#buffer = buffer;
    this.#at = start;
    this.#end = end;
  }

  isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  varint(): number {
    let value = 0;
    let factor = 1;
    for (let length = 0; length < 10 && this.#at < this.#end; length += 1) {
      const byte = this.#buffer[this.#at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        return value;
      }
      factor *= 0x80;
    }
    throw new RangeError("a number is cut off");
  }

  part(): Reader {
    const start = this.#skipBytes();
    return new Reader(this.#buffer, start, this.#at);
  }

  bytes(): Uint8Array {
    const start = this.#skipBytes();
    return this.#buffer.subarray(start, this.#at);
  }

  text(): string {
    const start = this.#skipBytes();
    return this.#buffer.toString("utf8", start, this.#at);
  }

  skip(tag: number): void {
    const field = Math.floor(tag / 8);
    if (field === 0) {
      throw new RangeError("a field has number 0");
    }
    switch (tag % 8) {
      case 0:
        this.varint();
        return;
      case 1:
        this.#move(8);
        return;
      case 2:
        this.#skipBytes();
        return;
      case 5:
        this.#move(4);
        return;
      default:
        throw new RangeError(`a field has wire type ${tag % 8}`);
    }
  }

  /** Moves behind a length-delimited field and returns where its bytes start. */
  #skipBytes(): number {
    const length = this.varint();
    const start = this.#at;
    this.#move(length);
    return start;
  }

  #move(length: number): void {
    if (length > this.#end - this.#at) {
      throw new RangeError("a field is cut off");
    }
    this.#at += length;
  }
}
