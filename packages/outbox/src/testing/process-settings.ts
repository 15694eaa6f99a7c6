import { flag, text } from "@ordersaga/kernel";

/** What a test tells the process that it means to kill. */
export const processSettings = {
  DATABASE_URL: text({ description: "The database." }),
  NATS_URL: text({ description: "The broker." }),
  NATS_PREFIX: text({ description: "The test's part of the broker." }),
  SERVICE: text({ description: "Who the process is." }),
  EMITS: text({ description: "Codes of the events to emit.", default: "" }),
  LISTENS: flag({ description: "Whether it handles events.", default: "false" }),
  FAILPOINTS: text({ description: "Where it dies.", default: "" }),
};
