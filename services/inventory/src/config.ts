import { integer, type Settings, text, url } from "@ordersaga/kernel";
import { outboxSettings } from "@ordersaga/outbox";
import { telemetrySettings } from "@ordersaga/telemetry";

/** Everything that can be set about the inventory service. */
export const settings = {
  ...telemetrySettings,
  ...outboxSettings,
  PORT: integer({ description: "Port that is listened on.", default: "3002", min: 0, max: 65_535 }),
  HOST: text({ description: "Address that is listened on.", default: "127.0.0.1" }),
  DATABASE_URL: url({
    description: "PostgreSQL database of products and reservations; nobody else uses it.",
    protocols: ["postgres:", "postgresql:"],
    secret: true,
  }),
  DATABASE_POOL_MAX: integer({
    description: "Connections to PostgreSQL at most.",
    default: "8",
    min: 2,
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
  FAILPOINTS: text({
    description: "Places at which a test kills the process, such as uow.after-commit=kill@3.",
    default: "",
  }),
} as const satisfies Settings;
