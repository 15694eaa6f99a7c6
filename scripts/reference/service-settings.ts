import { settings as inventory } from "../../services/inventory/src/config.ts";
import { settings as order } from "../../services/order/src/config.ts";
import { settings as provider } from "../../services/payment-provider/src/config.ts";
import { settings as payment } from "../../services/payment/src/config.ts";
import type { ServiceSettings } from "./configuration-page.ts";

/** The settings of every service, in the order of the reference page. */
export const serviceSettings: readonly ServiceSettings[] = [
  { service: "order", settings: order },
  { service: "inventory", settings: inventory },
  { service: "payment", settings: payment },
  { service: "payment-provider", settings: provider },
];
