import type { DescMessage } from "@bufbuild/protobuf";
import { AppError } from "@ordersaga/kernel";

import { subjectOf } from "../subject.ts";
import { type EncodedEvent, encodeEnvelope, largestSizeOf } from "./encode-envelope.ts";

/** One row of the outbox and one message on the stream. */
export type OutgoingEnvelope = {
  /** UUIDv7: the outbox's key, the `Nats-Msg-Id`, the inbox's key. */
  readonly id: string;
  readonly subject: string;
  /** Full name of the type of its events. */
  readonly type: string;
  readonly body: Buffer;
  /** Besides the CloudEvents headers, which follow from the rest. */
  readonly headers?: Readonly<Record<string, string>>;
};

export type EnvelopeLimits = {
  readonly envelopeEvents: number;
  readonly envelopeBytes: number;
};

/**
 * Packs events of one type into as few envelopes as the limits allow, in order. Throws an AppError
 * `INVALID_ARGUMENT` when one event alone is larger than an envelope may be.
 */
export function envelopesOf(options: {
  readonly type: DescMessage;
  readonly events: readonly EncodedEvent[];
  readonly source: string;
  readonly limits: EnvelopeLimits;
  readonly newId: () => string;
}): OutgoingEnvelope[] {
  const { type, source, limits, newId } = options;
  return partsOf(options.events, limits).map((events) => {
    const id = newId();
    const body = encodeEnvelope({ id, type: type.typeName, source, events });
    return { id, subject: subjectOf(type), type: type.typeName, body };
  });
}

function partsOf(events: readonly EncodedEvent[], limits: EnvelopeLimits): EncodedEvent[][] {
  const parts: EncodedEvent[][] = [];
  let part: EncodedEvent[] = [];
  let size = 0;
  for (const event of events) {
    const eventSize = largestSizeOf(event);
    if (part.length === limits.envelopeEvents || size + eventSize > limits.envelopeBytes) {
      part = [];
      size = 0;
    }
    if (part.length === 0) {
      parts.push(part);
    }
    part.push(event);
    size += eventSize;
  }
  return parts;
}

/** Throws an AppError `INVALID_ARGUMENT` for an event that is larger than an envelope may be. */
export function checkEventSize(event: EncodedEvent, limits: EnvelopeLimits): void {
  const size = largestSizeOf(event);
  if (size > limits.envelopeBytes) {
    throw new AppError({
      code: "INVALID_ARGUMENT",
      message: `a message of ${size} bytes is larger than the ${limits.envelopeBytes} allowed`,
      reason: "TOO_LARGE_FOR_AN_ENVELOPE",
    });
  }
}
