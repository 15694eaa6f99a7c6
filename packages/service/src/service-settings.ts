import { integer, type Settings, text, url } from "@ordersaga/kernel";
import { telemetrySettings } from "@ordersaga/telemetry";

/**
 * What can be set about every service, to be spread into its own table: address, database, telemetry.
 * Services that take part in sagas add {@link participantSettings}.
 */
export function serviceSettings(service: {
  /** Port that is listened on when none is set. */
  readonly port: number;
  /** Connections to PostgreSQL at most, when not set. */
  readonly poolMax: number;
  /** What the database is for, such as `orders`. */
  readonly keeps: string;
}) {
  return {
    ...telemetrySettings,
    PORT: integer({
      description: "Port that is listened on; 0 takes any that is free.",
      default: String(service.port),
      min: 0,
      max: 65_535,
    }),
    HOST: text({ description: "Address that is listened on.", default: "127.0.0.1" }),
    DATABASE_URL: url({
      description: `PostgreSQL database of the ${service.keeps}; nobody else uses it.`,
      protocols: ["postgres:", "postgresql:"],
      secret: true,
    }),
    DATABASE_POOL_MAX: integer({
      description: "Connections to PostgreSQL at most.",
      default: String(service.poolMax),
      min: 2,
      max: 100,
    }),
    FAILPOINTS: text({
      description: "Places at which a test kills the process, such as uow.after-commit=kill@3.",
      default: "",
    }),
  } as const satisfies Settings;
}

/** What can be set besides about a service that takes part in sagas. */
export const participantSettings = {
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
} as const satisfies Settings;
