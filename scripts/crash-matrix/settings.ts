/**
 * Settings of every service under which a crash is survived within a second or two: what waits for
 * ten seconds in production waits for a fraction of one here. Unanswered deliveries come again soon,
 * envelopes left behind are found soon, silent sagas are said again soon.
 */
export const shortLimits: Readonly<Record<string, string>> = {
  LOG_LEVEL: "info",
  RECOVERY_FIRST_MS: "1500",
  STEP_REPLY_WITHIN_MS: "1500",
  SAGA_SCAN_EVERY_MS: "200",
  CONSUMER_ACK_WAIT_MS: "1000",
  CONSUMER_NAK_FIRST_MS: "50",
  CONSUMER_NAK_MAX_MS: "1000",
  RETRY_FIRST_MS: "200",
  HELD_POLL_EVERY_MS: "200",
  OUTBOX_SWEEP_EVERY_MS: "100",
  OUTBOX_SWEEP_AFTER_MS: "500",
  OUTBOX_STREAM_CHECK_EVERY_MS: "300",
  PROVIDER_TIMEOUT_MS: "400",
  PROVIDER_RETRY_FIRST_MS: "100",
  PROVIDER_RETRY_MAX_MS: "500",
  PROVIDER_AWAY_FIRST_MS: "50",
  PROVIDER_AWAY_MAX_MS: "300",
  PAYMENT_PENDING_AFTER_MS: "100",
  PAYMENT_SCAN_MS: "100",
  PAYMENT_TIME_LIMIT_MS: "10000",
};
