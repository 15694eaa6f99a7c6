import { runService } from "@ordersaga/service";

import { startApp } from "./app.ts";
import { settings } from "./config.ts";

await runService({ name: "payment", settings, startApp });
