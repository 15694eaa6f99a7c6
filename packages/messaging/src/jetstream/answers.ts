/**
 * One life of a consumer at the broker. Answers name a message by its sequence only: sent to a consumer
 * that was made anew, they would answer a message that nobody has seen. So answers wait while it is not
 * known whether the consumer is still the same, and are dropped when it is not.
 */
export class Answers {
  readonly #consumerCreatedAtMs: number;
  #state: "sent" | "held" | "dropped" = "sent";
  #held: (() => void)[] = [];

  constructor(consumerCreatedAt: string) {
    this.#consumerCreatedAtMs = Date.parse(consumerCreatedAt);
  }

  /** nats-server 2.9 writes a time of creation to disk that is a little later than the one it tells at first. */
  isForConsumerOf(createdAt: string): boolean {
    return Math.abs(Date.parse(createdAt) - this.#consumerCreatedAtMs) <= 50;
  }

  give(send: () => void): void {
    if (this.#state === "sent") {
      send();
    } else if (this.#state === "held") {
      this.#held.push(send);
    }
  }

  hold(): void {
    if (this.#state === "sent") {
      this.#state = "held";
    }
  }

  release(): void {
    const held = this.#held;
    this.#held = [];
    if (this.#state === "held") {
      this.#state = "sent";
      held.forEach((send) => send());
    }
  }

  drop(): void {
    this.#state = "dropped";
    this.#held = [];
  }
}
