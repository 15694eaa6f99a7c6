import type { Settings } from "@ordersaga/kernel";
import { outboxSettings } from "@ordersaga/outbox";
import { participantSettings, serviceSettings } from "@ordersaga/service";

/** Everything that can be set about the inventory service. */
export const settings = {
  ...serviceSettings({ port: 3002, poolMax: 8, keeps: "products and reservations" }),
  ...participantSettings,
  ...outboxSettings,
} as const satisfies Settings;
