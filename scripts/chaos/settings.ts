import { shortLimits } from "../crash-matrix/settings.ts";

/**
 * Short limits, as for the crash matrix, but room for payments to survive an outage; silent sagas are said
 * again every few seconds however often that was in vain. Sets are logged: they are counted at the end.
 */
export const chaosSettings: Readonly<Record<string, string>> = {
  ...shortLimits,
  LOG_LEVEL: "debug",
  RECOVERY_MAX_MS: "3000",
  ORDER_TIME_LIMIT_MS: "20000",
  PAYMENT_TIME_LIMIT_MS: "8000",
  PROVIDER_SLOW_MS: "1000",
  PROVIDER_WEBHOOK_DELAY_MS: "1500",
};
