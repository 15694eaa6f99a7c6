import type { Clock } from "@ordersaga/kernel";

/** Spares a peer that is out of reach, and its callers the waiting for it. */
export type Circuit = {
  /** Whether to call now. After the pause one caller is let through to try; the others are not. */
  readonly mayCall: () => boolean;
  readonly succeeded: () => void;
  readonly failed: () => void;
  readonly isOpen: () => boolean;
};

/** A circuit that opens at a failure, for `pauseMs`. */
export function createCircuit(options: {
  readonly clock: Clock;
  readonly pauseMs: number;
}): Circuit {
  const { clock, pauseMs } = options;
  let closedAgainAt = Number.NEGATIVE_INFINITY;
  let isOpen = false;
  return {
    isOpen: () => isOpen,
    mayCall: () => {
      const now = clock.now().getTime();
      if (isOpen && now < closedAgainAt) {
        return false;
      }
      if (isOpen) {
        // One probe at a time: whoever comes while it is under way is told no.
        closedAgainAt = now + pauseMs;
      }
      return true;
    },
    succeeded: () => {
      isOpen = false;
    },
    failed: () => {
      isOpen = true;
      closedAgainAt = clock.now().getTime() + pauseMs;
    },
  };
}
