import { runService } from "@ordersaga/service";

import { settings } from "./config.ts";

await runService({ name: "inventory", settings, load: () => import("./app.ts") });
