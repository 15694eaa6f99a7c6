import type { Msg, NatsConnection } from "@nats-io/nats-core";

import type { Delivery } from "../message-bus.ts";
import type { Answers } from "./answers.ts";
import { decodeHeaders } from "./headers.ts";
import type { Names } from "./names.ts";

/** A message of the broker as the bus hands it out. Its headers are decoded when they are first read. */
export function deliveryOf(options: {
  readonly message: Msg;
  readonly connection: NatsConnection;
  readonly names: Names;
  readonly stream: string;
  readonly answers: Answers;
  /** The message was acknowledged or given back. */
  readonly onAnswered: () => void;
}): Delivery {
  const { message, connection, names, stream, answers, onAnswered } = options;
  const reply = message.reply ?? "";
  const { deliveryCount, streamSequence } = countsIn(reply);
  let headers: Readonly<Record<string, string>> | undefined;
  let isAnswered = false;
  const send = (answer: Uint8Array | string): void =>
    answers.give(() => {
      if (!connection.isClosed()) {
        connection.publish(reply, answer);
      }
    });
  const finish = (answer: Uint8Array | string): void => {
    if (!isAnswered) {
      isAnswered = true;
      send(answer);
      onAnswered();
    }
  };
  return {
    subject: names.withoutPrefix(message.subject),
    data: message.data,
    get headers() {
      headers ??= decodeHeaders(message.headers);
      return headers;
    },
    deliveryCount,
    stream,
    streamSequence,
    ack: () => finish(ackAnswer),
    nak: (delayMs) => finish(delayMs > 0 ? delayedNak(delayMs) : nakAnswer),
    working: () => {
      if (!isAnswered) {
        send(workingAnswer);
      }
    },
  };
}

const encoder = new TextEncoder();
const ackAnswer = encoder.encode("+ACK");
const nakAnswer = encoder.encode("-NAK");
const workingAnswer = encoder.encode("+WPI");

function delayedNak(delayMs: number): string {
  return `-NAK {"delay":${Math.round(delayMs * 1e6)}}`;
}

/**
 * The reply subject of a delivery is `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream sequence>.…`; newer
 * servers put a domain and an account between the second and the third token.
 */
function countsIn(reply: string): {
  readonly deliveryCount: number;
  readonly streamSequence: number;
} {
  const tokens = reply.split(".");
  const shift = tokens.length > 9 ? 2 : 0;
  return {
    deliveryCount: Number(tokens[4 + shift]),
    streamSequence: Number(tokens[5 + shift]),
  };
}
