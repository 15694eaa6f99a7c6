import { runService } from "@ordersaga/service";

import { settings } from "./config.ts";

await runService({ name: "payment-provider", settings, load: () => import("./app.ts") });
