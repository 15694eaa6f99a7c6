import { fraction, integer, type Setting, type Settings } from "@ordersaga/kernel";
import { serviceSettings } from "@ordersaga/service";

/** Everything that can be set about the payment provider. */
export const settings = {
  ...serviceSettings({ port: 3005, poolMax: 4, keeps: "ledger" }),
  PROVIDER_DECLINE_RATE: fraction({
    description:
      "Share of charges that are declined when the token leaves it open. Which ones is decided by their keys.",
    default: "0",
  }),
  PROVIDER_DELAY_MS: range({
    description: "How long a call waits before it is worked on: a number, or two such as 20-80.",
    default: "0",
    max: 60_000,
  }),
  PROVIDER_SLOW_MS: integer({
    description: "How long a charge with tok_slow takes to reach the ledger.",
    default: "5000",
    min: 0,
    max: 600_000,
    unit: "ms",
  }),
  PROVIDER_WEBHOOK_DELAY_MS: integer({
    description: "How long a charge with tok_webhook stays pending.",
    default: "10000",
    min: 0,
    max: 86_400_000,
    unit: "ms",
  }),
  PROVIDER_MAX_IN_PROGRESS: integer({
    description: "Instructions in progress at most; more are RESOURCE_EXHAUSTED.",
    default: "50000",
    min: 1,
    max: 1_000_000,
  }),
} as const satisfies Settings;

type Range = { readonly min: number; readonly max: number };

function range(options: {
  readonly description: string;
  readonly default: string;
  readonly max: number;
}): Setting<Range> {
  return {
    description: options.description,
    defaultText: options.default,
    unit: "ms",
    parse: (value) => {
      const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(value);
      const min = Number(match?.[1]);
      const max = Number(match?.[2] ?? match?.[1]);
      if (!(min <= max && max <= options.max)) {
        throw new Error(`is not a number up to ${options.max}, nor two such as 20-80`);
      }
      return { min, max };
    },
  };
}
