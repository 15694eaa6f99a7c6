import { integer, type Settings, text, url } from "@ordersaga/kernel";
import { outboxSettings } from "@ordersaga/outbox";
import { telemetrySettings } from "@ordersaga/telemetry";

/** Everything that can be set about the payment service. */
export const settings = {
  ...telemetrySettings,
  ...outboxSettings,
  PORT: integer({ description: "Port that is listened on.", default: "3003", min: 0, max: 65_535 }),
  HOST: text({ description: "Address that is listened on.", default: "127.0.0.1" }),
  DATABASE_URL: url({
    description: "PostgreSQL database of payments; nobody else uses it.",
    protocols: ["postgres:", "postgresql:"],
    secret: true,
  }),
  DATABASE_POOL_MAX: integer({
    description: "Connections to PostgreSQL at most.",
    default: "8",
    min: 3,
    max: 100,
  }),
  NATS_URL: text({
    description: "Broker: one address, or several separated by commas.",
    default: "nats://127.0.0.1:4222",
  }),
  NATS_PREFIX: text({
    description: "Put before the names of streams, consumers and subjects; for tests.",
    default: "",
    pattern: /^[a-z0-9-]{0,32}$/,
  }),
  OPERATOR_TOKEN: text({
    description: "Bearer token of operators; without one nobody is an operator.",
    default: "",
    secret: true,
  }),
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
  FAILPOINTS: text({
    description: "Places at which a test kills the process, such as payment.before-call=kill@3.",
    default: "",
  }),
} as const satisfies Settings;

function milliseconds(description: string, defaultMs: string) {
  return integer({ description, default: defaultMs, min: 1, max: 86_400_000, unit: "ms" });
}
