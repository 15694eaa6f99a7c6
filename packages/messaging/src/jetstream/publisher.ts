import { createInbox, type Msg, type NatsConnection } from "@nats-io/nats-core";
import { TransientError } from "@ordersaga/kernel";

import type { OutgoingMessage, PublishAck } from "../message-bus.ts";
import { encodeHeaders } from "./headers.ts";
import type { Names } from "./names.ts";

export type PublisherOptions = {
  readonly connection: NatsConnection;
  readonly names: Names;
  readonly ackTimeoutMs: number;
  /** Messages and bytes that may be unacknowledged at once; what comes more waits its turn. */
  readonly maxInFlight: number;
  readonly maxInFlightBytes: number;
  /** Hears that the broker did not store a message. */
  readonly onRefused: (refusal: Refusal) => void;
};

/** Why the broker did not store a message. */
export type Refusal = {
  readonly reason: string;
  /** As the broker spells it; undefined when no stream takes the message. */
  readonly stream: string | undefined;
};

type Publish = {
  readonly message: OutgoingMessage;
  readonly resolve: (ack: PublishAck) => void;
  readonly reject: (reason: Error) => void;
  sentAtMs: number;
};

/**
 * Publishes to JetStream, pipelined: acknowledgements come to one subscription and find their publish in
 * a map, which costs far less than a request for each.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #inbox: string;
  readonly #inFlight = new Map<string, Publish>();
  #waiting: Publish[] = [];
  #waitingHead = 0;
  #bytesInFlight = 0;
  #count = 0;
  #isConnected = true;

  constructor(options: PublisherOptions) {
    this.#options = options;
    const inbox = createInbox();
    this.#inbox = `${inbox}.`;
    options.connection.subscribe(`${inbox}.*`, {
      callback: (error, reply) => {
        if (error === null) {
          this.#onReply(reply);
        }
      },
    });
  }

  publish(message: OutgoingMessage): Promise<PublishAck> {
    return new Promise((resolve, reject) => {
      if (!this.#isConnected) {
        reject(new TransientError("the broker is out of reach"));
        return;
      }
      this.#waiting.push({ message, resolve, reject, sentAtMs: 0 });
      this.#sendWaiting();
    });
  }

  /** Rejects everything: what is lost with a connection is never acknowledged. */
  onDisconnect(): void {
    this.#isConnected = false;
    const lost = [...this.#inFlight.values(), ...this.#waiting.slice(this.#waitingHead)];
    this.#inFlight.clear();
    this.#bytesInFlight = 0;
    this.#waiting = [];
    this.#waitingHead = 0;
    for (const { reject } of lost) {
      reject(new TransientError("the connection to the broker was lost"));
    }
  }

  onReconnect(): void {
    this.#isConnected = true;
  }

  /** Rejects what was not acknowledged in time; to be called now and then. */
  tick(nowMs: number): void {
    for (const [token, publish] of this.#inFlight) {
      if (publish.sentAtMs + this.#options.ackTimeoutMs > nowMs) {
        break;
      }
      this.#settle(token, publish);
      publish.reject(new TransientError("the broker did not acknowledge a message in time"));
    }
    this.#sendWaiting();
  }

  isIdle(): boolean {
    return this.#inFlight.size === 0 && this.#waiting.length === 0;
  }

  #sendWaiting(): void {
    const { maxInFlight, maxInFlightBytes } = this.#options;
    while (this.#inFlight.size < maxInFlight && this.#bytesInFlight < maxInFlightBytes) {
      const publish = this.#waiting[this.#waitingHead];
      if (publish === undefined) {
        this.#waiting = [];
        this.#waitingHead = 0;
        return;
      }
      this.#waitingHead++;
      this.#send(publish);
    }
    if (this.#waitingHead > 1000) {
      this.#waiting = this.#waiting.slice(this.#waitingHead);
      this.#waitingHead = 0;
    }
  }

  #send(publish: Publish): void {
    const { id, subject, data, headers } = publish.message;
    const token = (this.#count++).toString(36);
    try {
      this.#options.connection.publish(this.#options.names.subject(subject), data, {
        reply: this.#inbox + token,
        headers: encodeHeaders(id, headers),
      });
    } catch (error) {
      publish.reject(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    publish.sentAtMs = performance.now();
    this.#inFlight.set(token, publish);
    this.#bytesInFlight += data.length;
  }

  #onReply(reply: Msg): void {
    const token = reply.subject.slice(this.#inbox.length);
    const publish = this.#inFlight.get(token);
    if (publish === undefined) {
      return;
    }
    this.#settle(token, publish);
    const answer = answerIn(reply);
    if ("reason" in answer) {
      publish.reject(new TransientError(`the broker did not store a message: ${answer.reason}`));
      this.#options.onRefused(answer);
    } else {
      const stream = this.#options.names.withoutPrefix(answer.stream);
      publish.resolve({ ...answer, stream });
    }
    this.#sendWaiting();
  }

  #settle(token: string, publish: Publish): void {
    this.#inFlight.delete(token);
    this.#bytesInFlight -= publish.message.data.length;
  }
}

type Answer = {
  readonly stream?: string;
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly description?: string };
};

/** An empty answer says that no stream listens on the subject. */
function answerIn(reply: Msg): PublishAck | Refusal {
  if (reply.data.length === 0) {
    return { reason: "no stream takes its subject", stream: undefined };
  }
  const { stream, seq, duplicate, error } = reply.json<Answer>();
  return error !== undefined || stream === undefined || seq === undefined
    ? { reason: error?.description ?? "it gives no reason", stream }
    : { stream, sequence: seq, duplicate: duplicate === true };
}
