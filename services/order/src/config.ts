import { choice, flag, fraction, integer, type Settings, url } from "@ordersaga/kernel";
import { outboxSettings } from "@ordersaga/outbox";
import { participantSettings, serviceSettings } from "@ordersaga/service";

/** Everything that can be set about the order service. */
export const settings = {
  ...serviceSettings({ port: 3001, poolMax: 12, keeps: "orders and their sagas" }),
  ...participantSettings,
  ...outboxSettings,

  INVENTORY_URL: url({
    description: "The inventory service, asked for stock and prices.",
    default: "http://127.0.0.1:3002",
    protocols: ["http:"],
  }),
  CHECK_STOCK_WITHIN_MS: milliseconds("How long a stock check may take; orders wait for it.", {
    default: "1000",
    max: 10_000,
  }),
  CHECK_STOCK_ATTEMPTS: integer({
    description: "Tries of one stock check while inventory refuses connections.",
    default: "3",
    min: 1,
    max: 10,
  }),
  INVENTORY_PAUSE_MS: milliseconds(
    "After a failed stock check remembered prices are used for so long before it is tried again.",
    { default: "1000", max: 60_000 },
  ),

  CREATE_ORDER_QUEUE_LIMIT: integer({
    description: "CreateOrder calls that may wait; more are RESOURCE_EXHAUSTED.",
    default: "5000",
    min: 1,
    max: 1_000_000,
  }),
  CREATE_ORDER_GATHER_MS: integer({
    description: "How long the first call of a batch waits for others.",
    default: "2",
    min: 0,
    max: 100,
    unit: "ms",
  }),
  CREATE_ORDER_BATCH: integer({
    description: "Orders that one transaction writes at most.",
    default: "500",
    min: 1,
    max: 5000,
  }),
  CREATE_ORDER_BATCHES_IN_FLIGHT: integer({
    description: "Batches that are worked on at once.",
    default: "2",
    min: 1,
    max: 16,
  }),
  CREATE_ORDER_RETRY_AFTER_MS: milliseconds(
    "What callers are told to wait when the queue is full.",
    {
      default: "200",
      max: 60_000,
    },
  ),
  ORDER_MAX_BYTES: integer({
    description: "Room that one order may take in an envelope.",
    default: "65536",
    min: 1024,
    max: 524_288,
    unit: "bytes",
  }),
  IDEMPOTENCY_RETENTION_MS: milliseconds("How long an idempotency key is remembered.", {
    default: "90000000",
    max: 31_536_000_000,
  }),
  IDEMPOTENCY_CLEAN_EVERY_MS: milliseconds("How often expired idempotency keys are removed.", {
    default: "600000",
    max: 86_400_000,
  }),

  SAGA_COORDINATION: choice({
    description: "Who decides the steps of an order that does not say.",
    default: "choreography",
    of: ["choreography", "orchestration"],
  }),
  ORDER_TIME_LIMIT_MS: milliseconds("An undecided order is cancelled after this.", {
    default: "30000",
    max: 86_400_000,
  }),
  PAYMENT_TIME_LIMIT_MS: milliseconds("An order whose payment is pending fails after this.", {
    default: "900000",
    max: 604_800_000,
  }),
  SAGA_ALARM_AFTER_MS: milliseconds("An unfinished saga raises an alarm after this.", {
    default: "300000",
    max: 604_800_000,
  }),
  STEP_REPLY_WITHIN_MS: milliseconds(
    "Orchestrated: a step that is silent for so long is asked again.",
    {
      default: "10000",
      max: 3_600_000,
    },
  ),
  RECOVERY_FIRST_MS: milliseconds("A saga without progress is said again after this.", {
    default: "10000",
    max: 3_600_000,
  }),
  RECOVERY_FACTOR: integer({
    description: "Each further time after so many times the silence before.",
    default: "2",
    min: 1,
    max: 10,
  }),
  RECOVERY_MAX_MS: milliseconds("The longest time between two recoveries of one saga.", {
    default: "300000",
    max: 86_400_000,
  }),
  RECOVERY_JITTER: fraction({
    description: "Share of the time between two recoveries that is random.",
    default: "0.2",
  }),
  SAGA_SCAN_EVERY_MS: milliseconds("How often sagas past a limit are looked for.", {
    default: "1000",
    max: 60_000,
  }),

  WATCHERS_MAX: integer({
    description: "WatchOrder calls at once; more are RESOURCE_EXHAUSTED.",
    default: "1000",
    min: 1,
    max: 100_000,
  }),
  WATCH_POLL_MS: milliseconds("How often watched orders are looked at without being told.", {
    default: "1000",
    max: 60_000,
  }),
  RESET_ENABLED: flag({ description: "Allows ResetOrders.", default: "true" }),
  RESET_WAIT_MS: milliseconds("How long ResetOrders waits for unfinished sagas to end.", {
    default: "20000",
    max: 600_000,
  }),
} as const satisfies Settings;

function milliseconds(
  description: string,
  limits: { readonly default: string; readonly max: number },
) {
  return integer({ description, min: 1, unit: "ms", ...limits });
}
