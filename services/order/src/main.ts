import { runService } from "@ordersaga/service";

import { settings } from "./config.ts";

await runService({ name: "order", settings, load: () => import("./app.ts") });
