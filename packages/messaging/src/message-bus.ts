/** One message to publish. Its id is sent as `Nats-Msg-Id`, besides the headers given here. */
export type OutgoingMessage = {
  readonly id: string;
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
};

/** The broker stored the message. It proves nothing about durability: see ADR 0002. */
export type PublishAck = {
  readonly stream: string;
  readonly sequence: number;
  readonly duplicate: boolean;
};

/** A stream, named by its owner. Limits retention, file storage, `discard: old`. */
export type StreamSpec = {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly maxAgeMs: number;
  readonly maxBytes: number;
};

/** What tells a stream that was re-created, or went back in time, from the one known before. */
export type StreamIdentity = {
  readonly createdAt: string;
  readonly lastSequence: number;
};

/** One durable pull consumer: one service and one message type. */
export type ConsumerSpec = {
  readonly stream: string;
  readonly durable: string;
  readonly subject: string;
  /** How long a delivery may stay unanswered before it is delivered again. */
  readonly ackWaitMs: number;
  /** Deliveries that may be unanswered at once. */
  readonly maxAckPending: number;
};

/** One message as it was delivered. Answer it once: ack, or nak. */
export type Delivery = {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** 1 on the first delivery. */
  readonly deliveryCount: number;
  readonly stream: string;
  readonly streamSequence: number;
  readonly ack: () => void;
  /** Deliver it again, not before so many milliseconds have passed. */
  readonly nak: (delayMs: number) => void;
  /** It is still being worked on: start the acknowledgement wait anew. */
  readonly working: () => void;
};

/** A running consumer. Paused, it asks for no more messages; what it holds stays with its handler. */
export type Subscription = AsyncDisposable & {
  readonly pause: () => void;
  readonly resume: () => void;
  /** Asks for no more messages and gives back those not handed out. Safe to call twice. */
  readonly stop: () => Promise<void>;
};

/**
 * Durable publish and subscribe. Streams and consumers that vanish (the broker's directory was deleted)
 * are made again by the bus itself, for as long as a subscription or a stream was asked for.
 */
export type MessageBus = AsyncDisposable & {
  /** Makes the stream, or brings its limits up to date. Waits for a broker that is not there yet. */
  readonly ensureStream: (stream: StreamSpec) => Promise<void>;
  /** Pipelined. Rejects with a TransientError when no acknowledgement came in time. */
  readonly publish: (message: OutgoingMessage) => Promise<PublishAck>;
  /** Calls back for every delivery; the callback returns at once and answers the delivery later. */
  readonly subscribe: (
    consumer: ConsumerSpec,
    onDelivery: (delivery: Delivery) => void,
  ) => Promise<Subscription>;
  /** Undefined when there is no such stream at this moment. */
  readonly streamIdentity: (stream: string) => Promise<StreamIdentity | undefined>;
  readonly isConnected: () => boolean;
};
