import { integer, type Settings, url } from "@ordersaga/kernel";
import { outboxSettings } from "@ordersaga/outbox";
import { participantSettings, serviceSettings } from "@ordersaga/service";

/** Everything that can be set about the payment service. */
export const settings = {
  ...serviceSettings({ port: 3003, poolMax: 8, keeps: "payments" }),
  ...participantSettings,
  ...outboxSettings,
  PAYMENT_PROVIDER_URL: url({
    description: "The payment provider.",
    default: "http://127.0.0.1:3005",
    protocols: ["http:"],
  }),
  PROVIDER_TIMEOUT_MS: milliseconds("How long one call of the provider may take.", "10000"),
  PROVIDER_CALL_SIZE: integer({
    description: "Charges and cancels that are asked in one call of the provider.",
    default: "500",
    min: 1,
    max: 1000,
  }),
  PROVIDER_CALLS_WAITING: integer({
    description: "Calls that may wait for the provider's first answer at once.",
    default: "4",
    min: 1,
    max: 100,
  }),
  PROVIDER_OPEN_MAX: integer({
    description: "Charges and cancels in memory at most; more wait in the database.",
    default: "20000",
    min: 1,
    max: 1_000_000,
  }),
  PROVIDER_RETRY_FIRST_MS: milliseconds(
    "Delay before a charge or cancel that was not answered is asked again; doubled each time.",
    "1000",
  ),
  PROVIDER_RETRY_MAX_MS: milliseconds("The longest such delay.", "30000"),
  PROVIDER_AWAY_FIRST_MS: milliseconds(
    "How long a provider that cannot be reached is left alone; doubled each time.",
    "250",
  ),
  PROVIDER_AWAY_MAX_MS: milliseconds("The longest time that it is left alone.", "5000"),
  PAYMENT_PENDING_AFTER_MS: milliseconds(
    "A saga is told that its payment is pending when the provider has not decided after so long.",
    "2000",
  ),
  PAYMENT_SCAN_MS: milliseconds(
    "Payments that wait for the provider are looked at so often.",
    "500",
  ),
} as const satisfies Settings;

function milliseconds(description: string, defaultMs: string) {
  return integer({ description, default: defaultMs, min: 1, max: 86_400_000, unit: "ms" });
}
