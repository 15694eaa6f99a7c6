import { createHash } from "node:crypto";

import { type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { AppError, appErrorFrom, hexOfUuid, PermanentError } from "@ordersaga/kernel";
import type { Delivery } from "@ordersaga/messaging";

import {
  type DecodedEnvelope,
  decodeEnvelope,
  type DecodedEvent,
} from "../envelope/decode-envelope.ts";
import { encodeEnvelope } from "../envelope/encode-envelope.ts";
import type { NewHeldMessage } from "../held/held-message.ts";
import { dead, type Verdict } from "../held/verdict.ts";
import type { IncomingEvent } from "../reaction.ts";

/** An envelope that was delivered, its events decoded. */
export type IncomingEnvelope = {
  readonly delivery: Delivery;
  /** Undefined when the bytes are no envelope of ours: then everything is in `rejects`. */
  readonly id: string | undefined;
  readonly events: readonly IncomingEvent[];
  /** What can never be handled. */
  readonly rejects: readonly NewHeldMessage[];
  /** The event as a message of its own, to be held. */
  readonly alone: (event: IncomingEvent, attempts: number, verdict: Verdict) => NewHeldMessage;
};

/** Whose deliveries are decoded. */
export type Receiver = { readonly consumer: string; readonly type: DescMessage };

/** Decodes a delivery and never throws: what cannot be decoded is set aside with its bytes. */
export function decodeDelivery(receiver: Receiver, delivery: Delivery): IncomingEnvelope {
  let envelope: DecodedEnvelope;
  try {
    envelope = decodeEnvelope(delivery.data);
    checkType(receiver, envelope.type);
  } catch (error) {
    const rejects = [wholeMessage(receiver, delivery, appErrorFrom(error))];
    return { delivery, id: undefined, events: [], rejects, alone: cannotBeAlone };
  }
  const heldAlone = (event: DecodedEvent, attempts: number, verdict: Verdict): NewHeldMessage =>
    eventAlone({ receiver, delivery, envelope, event, attempts, verdict });
  const decoded = new Map<IncomingEvent, DecodedEvent>();
  const events: IncomingEvent[] = [];
  const rejects: NewHeldMessage[] = [];
  for (const event of envelope.events) {
    try {
      const incoming = decodeEvent(receiver.type, envelope, event);
      decoded.set(incoming, event);
      events.push(incoming);
    } catch (error) {
      rejects.push(heldAlone(event, 0, dead(appErrorFrom(error))));
    }
  }
  return {
    delivery,
    id: envelope.id,
    events,
    rejects,
    alone: (incoming, attempts, verdict) =>
      heldAlone(decoded.get(incoming) ?? cannotBeAlone(), attempts, verdict),
  };
}

/** Decodes the payload. Throws a PermanentError for what breaks the contract of saga.v1.Event. */
export function decodeEvent(
  type: DescMessage,
  envelope: Pick<DecodedEnvelope, "id" | "createTime">,
  event: DecodedEvent,
  attempt = 1,
): IncomingEvent {
  const { id, context } = event;
  if (!isUsableId(id)) {
    throw undecodable("the event has no usable id");
  }
  if (context.sagaId !== "" && hexOfUuid(context.sagaId) !== context.sagaId) {
    throw undecodable("the saga id is not 32 hex digits");
  }
  if (context.sessionId.length > 256 || context.sessionId.includes("\0")) {
    throw undecodable("the session id is malformed");
  }
  try {
    const payload = fromBinary(type, event.payload);
    const { createTime } = envelope;
    return { id, envelopeId: envelope.id, type, payload, context, createTime, attempt };
  } catch (error) {
    throw undecodable(`the payload is not a ${type.typeName}`, error);
  }
}

function checkType(receiver: Receiver, type: string): void {
  if (type !== receiver.type.typeName) {
    throw new PermanentError({
      code: "UNKNOWN_TYPE",
      message: `an envelope of ${type || "no type"} on the subject of ${receiver.type.typeName}`,
    });
  }
}

function isUsableId(id: string): boolean {
  return id !== "" && id.length <= 128 && !id.includes("\0");
}

function undecodable(message: string, cause?: unknown): PermanentError {
  return new PermanentError({ code: "UNDECODABLE", message, cause });
}

function cannotBeAlone(): never {
  throw new AppError({ code: "INTERNAL", message: "an event of another envelope" });
}

/** Its bytes and its place in the stream name it: a second delivery is not a second dead letter. */
function wholeMessage(receiver: Receiver, delivery: Delivery, error: AppError): NewHeldMessage {
  const { subject, data, headers, stream, streamSequence } = delivery;
  const digest = createHash("sha256").update(data).digest("hex").slice(0, 32);
  return {
    consumer: receiver.consumer,
    subject,
    type: "",
    eventId: `${stream}/${streamSequence}/${digest}`,
    envelopeId: undefined,
    sagaId: "",
    sessionId: "",
    body: data,
    headers,
    attempts: 0,
    verdict: dead(error),
  };
}

function eventAlone(given: {
  readonly receiver: Receiver;
  readonly delivery: Delivery;
  readonly envelope: DecodedEnvelope;
  readonly event: DecodedEvent;
  readonly attempts: number;
  readonly verdict: Verdict;
}): NewHeldMessage {
  const { receiver, delivery, envelope, event, attempts, verdict } = given;
  const { id, type, source } = envelope;
  return {
    consumer: receiver.consumer,
    subject: delivery.subject,
    type,
    eventId: isUsableId(event.id) ? event.id : `${id}/without-id/${envelope.events.indexOf(event)}`,
    envelopeId: id,
    // Forged ones may be longer than an index can hold; the body has them as they came.
    sagaId: event.context.sagaId.slice(0, 128),
    sessionId: event.context.sessionId.slice(0, 256),
    body: encodeEnvelope({ id, type, source, events: [event] }),
    headers: delivery.headers,
    attempts,
    verdict,
  };
}
