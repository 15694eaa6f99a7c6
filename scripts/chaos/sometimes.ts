import { createReadStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import type { Databases } from "../witness/databases.ts";

/**
 * How often what must happen now and then has happened, read from the services' logs and tables: a run in
 * which one of them is zero proved nothing about it.
 */
export type Sometimes = Readonly<Record<SometimesName, number>>;

export const sometimesNames = [
  "sets that came again after an outage",
  "duplicates that were suppressed",
  "streams that lost messages",
  "envelopes published by the sweep",
  "calls that the provider did not answer",
  "sagas said again by recovery",
  "sagas compensated",
  "sagas refused by their first step",
  "time limits that decided",
  "orders cancelled by clients",
  "charges refunded",
  "charges made void before they came",
] as const;

type SometimesName = (typeof sometimesNames)[number];

export async function countSometimes(databases: Databases, logFolder: string): Promise<Sometimes> {
  const logged = await readLogs(logFolder);
  const count = async (service: string, text: string): Promise<number> =>
    (await databases.rows<{ count: number }>(service, `select count(*)::int as count ${text}`))[0]
      ?.count ?? 0;
  return {
    "sets that came again after an outage": logged.again,
    "duplicates that were suppressed": logged.duplicates,
    "streams that lost messages": logged.streams,
    "envelopes published by the sweep": logged.swept,
    "calls that the provider did not answer": logged.unanswered,
    "sagas said again by recovery": await count("order", "from saga where recoveries > 0"),
    "sagas compensated": await count("order", "from saga where status = 'COMPENSATED'"),
    "sagas refused by their first step": await count("order", "from saga where status = 'FAILED'"),
    "time limits that decided": await count(
      "order",
      "from saga where cause_code in ('TIME_LIMIT', 'PAYMENT_TIME_LIMIT')",
    ),
    "orders cancelled by clients": await count(
      "order",
      "from saga where cause_code = 'CANCELLED_BY_USER'",
    ),
    "charges refunded": await count(
      "payment-provider",
      "from ledger_entry where status = 'REFUNDED'",
    ),
    "charges made void before they came": await count(
      "payment-provider",
      "from ledger_entry where status = 'VOID'",
    ),
  };
}

type Logged = {
  again: number;
  duplicates: number;
  streams: number;
  swept: number;
  unanswered: number;
};
type Line = { readonly msg?: string; readonly count?: number; readonly duplicates?: number };

async function readLogs(folder: string): Promise<Logged> {
  const logged: Logged = { again: 0, duplicates: 0, streams: 0, swept: 0, unanswered: 0 };
  for (const name of readdirSync(folder)) {
    const lines = createInterface({ input: createReadStream(join(folder, name)) });
    for await (const text of lines) {
      add(logged, lineOf(text));
    }
  }
  return logged;
}

function add(logged: Logged, { msg, count = 0, duplicates = 0 }: Line): void {
  switch (msg) {
    case "a set failed as a whole and comes again":
      logged.again += 1;
      break;
    case "a set is handled":
      logged.duplicates += duplicates;
      break;
    case "a stream lost messages; everything young enough goes out again":
      logged.streams += 1;
      break;
    case "envelopes left behind are published":
      logged.swept += count;
      break;
    case "the payment provider did not answer":
      logged.unanswered += 1;
      break;
    default:
  }
}

/** A line that a killed process did not finish is no line. */
function lineOf(text: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return {};
  }
}
