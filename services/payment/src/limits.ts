import type { ConfigOf, RetryPolicy } from "@ordersaga/kernel";

import type { settings } from "./config.ts";
import type { ScheduleLimits } from "./domain/schedule.ts";
import type { CallerLimits } from "./use-cases/provider-caller.ts";

type Config = ConfigOf<typeof settings>;

/** When calls are repeated, and when a saga is told that its payment is pending. */
export function scheduleLimitsFrom(config: Config): ScheduleLimits {
  return {
    callWithinMs: config.PROVIDER_TIMEOUT_MS,
    pendingAfterMs: config.PAYMENT_PENDING_AFTER_MS,
    retry: endless(config.PROVIDER_RETRY_FIRST_MS, config.PROVIDER_RETRY_MAX_MS),
  };
}

/** How much is asked at once. */
export function callerLimitsFrom(config: Config): CallerLimits {
  return {
    maxCalls: config.PROVIDER_CALL_SIZE,
    maxConversations: config.PROVIDER_CALLS_WAITING,
    maxOpen: config.PROVIDER_OPEN_MAX,
  };
}

/** How long a provider that cannot be reached is left alone. */
export function awayPolicyFrom(config: Config): RetryPolicy {
  return endless(config.PROVIDER_AWAY_FIRST_MS, config.PROVIDER_AWAY_MAX_MS);
}

/** Payment never gives up by itself: an unresolved charge may be charged. */
function endless(firstMs: number, maxMs: number): RetryPolicy {
  return { attempts: Number.POSITIVE_INFINITY, firstMs, factor: 2, maxMs, jitter: 0.2 };
}
