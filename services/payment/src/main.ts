import { armFailpoints, ConfigError, readConfig } from "@ordersaga/kernel";
import { createLogger } from "@ordersaga/telemetry";

import { startApp } from "./app.ts";
import { settings } from "./config.ts";

try {
  const config = readConfig(settings, process.env);
  armFailpoints(config.FAILPOINTS);
  const log = createLogger({
    service: "payment",
    level: config.LOG_LEVEL,
    isPretty: config.LOG_PRETTY,
  });
  const stopping = new AbortController();
  process.once("SIGTERM", () => stopping.abort());
  process.once("SIGINT", () => stopping.abort());
  const app = await startApp(config, { log, signal: stopping.signal });
  const stop = async (): Promise<void> => {
    await app.stop();
    log.info("stopped");
  };
  if (stopping.signal.aborted) {
    await stop();
  } else {
    stopping.signal.addEventListener("abort", () => void stop());
  }
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
