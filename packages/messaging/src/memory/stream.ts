import type { OutgoingMessage, PublishAck, StreamIdentity, StreamSpec } from "../message-bus.ts";
import { subjectMatches } from "../subjects.ts";

export type StoredMessage = {
  readonly message: OutgoingMessage;
  readonly sequence: number;
  readonly storedAtMs: number;
};

/** The messages of one stream, oldest first, within the stream's limits. */
export class MemoryStream {
  spec: StreamSpec;
  readonly #duplicateWindowMs: number;
  readonly #createdAtMs: number;
  readonly #messages: StoredMessage[] = [];
  readonly #sequenceOfId = new Map<string, { readonly sequence: number; readonly atMs: number }>();
  #bytes = 0;
  #lastSequence = 0;

  constructor(options: {
    readonly spec: StreamSpec;
    readonly duplicateWindowMs: number;
    readonly nowMs: number;
  }) {
    this.spec = options.spec;
    this.#duplicateWindowMs = options.duplicateWindowMs;
    this.#createdAtMs = options.nowMs;
  }

  takes(subject: string): boolean {
    return this.spec.subjects.some((pattern) => subjectMatches(pattern, subject));
  }

  append(message: OutgoingMessage, nowMs: number): PublishAck {
    this.#forget(nowMs);
    const known = this.#sequenceOfId.get(message.id);
    if (known !== undefined) {
      return { stream: this.spec.name, sequence: known.sequence, duplicate: true };
    }
    const sequence = ++this.#lastSequence;
    this.#messages.push({ message, sequence, storedAtMs: nowMs });
    this.#sequenceOfId.set(message.id, { sequence, atMs: nowMs });
    this.#bytes += message.data.length;
    this.#forget(nowMs);
    return { stream: this.spec.name, sequence, duplicate: false };
  }

  /** The oldest message of a subject that is not before a sequence. */
  next(subject: string, fromSequence: number): StoredMessage | undefined {
    const first = this.#messages[0]?.sequence ?? 0;
    for (let i = Math.max(0, fromSequence - first); i < this.#messages.length; i++) {
      const stored = this.#messages[i];
      if (stored !== undefined && subjectMatches(subject, stored.message.subject)) {
        return stored;
      }
    }
    return undefined;
  }

  /** Undefined when the limits have dropped it. */
  at(sequence: number): StoredMessage | undefined {
    const first = this.#messages[0]?.sequence ?? 0;
    return this.#messages[sequence - first];
  }

  identity(): StreamIdentity {
    const createdAt = new Date(this.#createdAtMs).toISOString();
    return { createdAt, lastSequence: this.#lastSequence };
  }

  #forget(nowMs: number): void {
    for (const [id, { atMs }] of this.#sequenceOfId) {
      if (atMs + this.#duplicateWindowMs > nowMs) {
        break;
      }
      this.#sequenceOfId.delete(id);
    }
    for (let oldest = this.#messages[0]; oldest !== undefined; oldest = this.#messages[0]) {
      const isTooOld = oldest.storedAtMs + this.spec.maxAgeMs <= nowMs;
      if (!isTooOld && this.#bytes <= this.spec.maxBytes) {
        break;
      }
      this.#messages.shift();
      this.#bytes -= oldest.message.data.length;
    }
  }
}
