/** `npm run reference`: writes the pages in `docs/reference/` that are made from the code. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { configurationPage } from "./configuration-page.ts";
import { serviceSettings } from "./service-settings.ts";

const page = join(import.meta.dirname, "../../docs/reference/configuration.md");
writeFileSync(page, configurationPage(serviceSettings));
