/** One delivery that waits for its answer. */
export type UnansweredDelivery = { readonly bytes: number; readonly atMs: number };

/** The deliveries that a subscription has handed out and got no answer to, oldest first. */
export class Unanswered {
  readonly #deliveries = new Set<UnansweredDelivery>();
  #bytes = 0;

  get count(): number {
    return this.#deliveries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(delivery: UnansweredDelivery): void {
    this.#deliveries.add(delivery);
    this.#bytes += delivery.bytes;
  }

  /** Does nothing when it is not, or no longer, among them. */
  remove(delivery: UnansweredDelivery): void {
    if (this.#deliveries.delete(delivery)) {
      this.#bytes -= delivery.bytes;
    }
  }

  /** Those that came before are delivered again: whoever has them will not answer. */
  removeBefore(atMs: number): void {
    for (const delivery of this.#deliveries) {
      if (delivery.atMs >= atMs) {
        return;
      }
      this.remove(delivery);
    }
  }

  clear(): void {
    this.#deliveries.clear();
    this.#bytes = 0;
  }
}
