import {
  type ConfigOf,
  fraction,
  integer,
  type RetryPolicy,
  type Settings,
} from "@ordersaga/kernel";

/** Everything tunable about outbox, relay, consumers and held messages; part of each service's table. */
export const outboxSettings = {
  OUTBOX_ENVELOPE_EVENTS: integer({
    description: "Events in one envelope at most.",
    default: "500",
    min: 1,
    max: 10_000,
  }),
  OUTBOX_ENVELOPE_BYTES: integer({
    description: "Size of one envelope at most; the broker's own limit is 1 MiB.",
    default: "524288",
    min: 1024,
    max: 1_000_000,
    unit: "bytes",
  }),
  OUTBOX_RERUNS: integer({
    description: "How often a unit of work runs again at once after a conflict or a deadlock.",
    default: "5",
    min: 0,
    max: 100,
  }),
  OUTBOX_WORK_WITHIN_MS: duration("Time limit of one unit of work.", "30000"),
  OUTBOX_WORK_WAITING: integer({
    description: "Units of work that may wait for a connection; more are refused.",
    default: "1000",
    min: 1,
    max: 1_000_000,
  }),
  OUTBOX_HOT_BYTES: integer({
    description: "Envelopes kept in memory for publishing; more are left to the sweep.",
    default: "33554432",
    min: 0,
    max: 1_073_741_824,
    unit: "bytes",
  }),
  OUTBOX_IN_FLIGHT: integer({
    description: "Envelopes that may wait for the broker's acknowledgement at once.",
    default: "256",
    min: 1,
    max: 10_000,
  }),
  OUTBOX_MARK_EVERY_MS: duration("Published envelopes are marked together so often.", "20"),
  OUTBOX_SWEEP_EVERY_MS: duration("Envelopes left behind are looked for so often.", "500"),
  OUTBOX_SWEEP_AFTER_MS: duration("An envelope unpublished for so long is left behind.", "2000"),
  OUTBOX_SWEEP_ROWS: integer({
    description: "Envelopes that one sweep claims at once.",
    default: "200",
    min: 1,
    max: 10_000,
  }),
  OUTBOX_STREAM_CHECK_EVERY_MS: duration(
    "A stream that was re-created or went back in time is looked for so often.",
    "2000",
  ),
  OUTBOX_STREAM_MAX_AGE_MS: duration("How long a stream keeps a message.", "86400000"),
  OUTBOX_STREAM_MAX_BYTES: integer({
    description: "How much one stream keeps.",
    default: "1073741824",
    min: 1_048_576,
    max: 1_099_511_627_776,
    unit: "bytes",
  }),
  OUTBOX_PARTITION_MS: duration("Time span of one partition of outbox and inbox.", "3600000"),
  OUTBOX_RETENTION_MS: duration(
    "How long outbox rows are kept; longer than a stream keeps its messages.",
    "90000000",
  ),
  INBOX_RETENTION_MS: duration(
    "How long inbox rows are kept; longer than outbox and stream together.",
    "259200000",
  ),
  HELD_RETENTION_MS: duration("How long resolved held messages are kept.", "604800000"),
  OUTBOX_MAINTENANCE_EVERY_MS: duration("Partitions are made and dropped so often.", "300000"),
  CONSUMER_SET_EVENTS: integer({
    description: "Events that one unit of work handles at most, unless one envelope has more.",
    default: "1000",
    min: 1,
    max: 100_000,
  }),
  CONSUMER_LINGER_MS: integer({
    description: "How long a set waits for more envelopes; 0 takes what is there.",
    default: "0",
    min: 0,
    max: 1000,
    unit: "ms",
  }),
  CONSUMER_ACK_WAIT_MS: duration("An unanswered delivery is delivered again after.", "5000"),
  CONSUMER_MAX_ACK_PENDING: integer({
    description: "Envelopes that one consumer may hold unanswered.",
    default: "128",
    min: 1,
    max: 10_000,
  }),
  CONSUMER_SUSPECT_DELIVERIES: integer({
    description:
      "Tries cut short by the end of the process after which an envelope's events run singly.",
    default: "3",
    min: 2,
    max: 100,
  }),
  CONSUMER_NAK_FIRST_MS: duration("First delay of a set that failed as a whole.", "250"),
  CONSUMER_NAK_MAX_MS: duration("Longest delay of a set that fails as a whole.", "10000"),
  RETRY_ATTEMPTS: integer({
    description: "Tries of one event, the first included, before it is a dead letter.",
    default: "3",
    min: 1,
    max: 1000,
  }),
  RETRY_FIRST_MS: duration("Delay before the second try.", "5000"),
  RETRY_FACTOR: integer({
    description: "Each further delay is this many times the one before.",
    default: "2",
    min: 1,
    max: 10,
  }),
  RETRY_MAX_MS: duration("The longest delay between two tries.", "300000"),
  RETRY_JITTER: fraction({ description: "Share of a delay that is random.", default: "0.2" }),
  HELD_POLL_EVERY_MS: duration("Held messages that are due are looked for so often.", "500"),
} as const satisfies Settings;

/** The settings in the shape that {@link createOutbox} takes. */
export type OutboxLimits = {
  readonly envelopeEvents: number;
  readonly envelopeBytes: number;
  readonly reruns: number;
  readonly workWithinMs: number;
  readonly workWaiting: number;
  readonly hotBytes: number;
  readonly inFlight: number;
  readonly markEveryMs: number;
  readonly sweepEveryMs: number;
  readonly sweepAfterMs: number;
  readonly sweepRows: number;
  readonly streamCheckEveryMs: number;
  readonly streamMaxAgeMs: number;
  readonly streamMaxBytes: number;
  readonly partitionMs: number;
  readonly outboxRetentionMs: number;
  readonly inboxRetentionMs: number;
  readonly heldRetentionMs: number;
  readonly maintenanceEveryMs: number;
  readonly setEvents: number;
  readonly lingerMs: number;
  readonly ackWaitMs: number;
  readonly maxAckPending: number;
  readonly suspectDeliveries: number;
  /** Delays of sets that failed as a whole. */
  readonly nak: RetryPolicy;
  /** Tries of one event on its own. */
  readonly retry: RetryPolicy;
  readonly heldPollEveryMs: number;
};

export function outboxLimitsFrom(config: ConfigOf<typeof outboxSettings>): OutboxLimits {
  return {
    envelopeEvents: config.OUTBOX_ENVELOPE_EVENTS,
    envelopeBytes: config.OUTBOX_ENVELOPE_BYTES,
    reruns: config.OUTBOX_RERUNS,
    workWithinMs: config.OUTBOX_WORK_WITHIN_MS,
    workWaiting: config.OUTBOX_WORK_WAITING,
    hotBytes: config.OUTBOX_HOT_BYTES,
    inFlight: config.OUTBOX_IN_FLIGHT,
    markEveryMs: config.OUTBOX_MARK_EVERY_MS,
    sweepEveryMs: config.OUTBOX_SWEEP_EVERY_MS,
    sweepAfterMs: config.OUTBOX_SWEEP_AFTER_MS,
    sweepRows: config.OUTBOX_SWEEP_ROWS,
    streamCheckEveryMs: config.OUTBOX_STREAM_CHECK_EVERY_MS,
    streamMaxAgeMs: config.OUTBOX_STREAM_MAX_AGE_MS,
    streamMaxBytes: config.OUTBOX_STREAM_MAX_BYTES,
    partitionMs: config.OUTBOX_PARTITION_MS,
    outboxRetentionMs: config.OUTBOX_RETENTION_MS,
    inboxRetentionMs: config.INBOX_RETENTION_MS,
    heldRetentionMs: config.HELD_RETENTION_MS,
    maintenanceEveryMs: config.OUTBOX_MAINTENANCE_EVERY_MS,
    setEvents: config.CONSUMER_SET_EVENTS,
    lingerMs: config.CONSUMER_LINGER_MS,
    ackWaitMs: config.CONSUMER_ACK_WAIT_MS,
    maxAckPending: config.CONSUMER_MAX_ACK_PENDING,
    suspectDeliveries: config.CONSUMER_SUSPECT_DELIVERIES,
    nak: {
      attempts: Infinity,
      firstMs: config.CONSUMER_NAK_FIRST_MS,
      factor: config.RETRY_FACTOR,
      maxMs: config.CONSUMER_NAK_MAX_MS,
      jitter: config.RETRY_JITTER,
    },
    retry: {
      attempts: config.RETRY_ATTEMPTS,
      firstMs: config.RETRY_FIRST_MS,
      factor: config.RETRY_FACTOR,
      maxMs: config.RETRY_MAX_MS,
      jitter: config.RETRY_JITTER,
    },
    heldPollEveryMs: config.HELD_POLL_EVERY_MS,
  };
}

function duration(description: string, defaultMs: string) {
  return integer({
    description,
    default: defaultMs,
    min: 1,
    max: 31_536_000_000,
    unit: "ms",
  });
}
