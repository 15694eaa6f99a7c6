/**
 * One life of a consumer at the broker. Answers name a message by its sequence only: sent to a consumer
 * that was made anew, they would answer a message that nobody has seen. So answers wait while it is not
 * known whether the consumer is still the same, and are dropped when it is not.
 */
export class Answers {
  readonly createdAt: string;
  #state: "sent" | "held" | "dropped" = "sent";
  #held: (() => void)[] = [];

  constructor(createdAt: string) {
    this.createdAt = createdAt;
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
