import { join, resolve } from "node:path";

import { serviceTable } from "./service-table.ts";

/** The folder that this checkout is in. */
export const checkout = join(import.meta.dirname, "../..");

/** Where `npm start` keeps its data: `.data`, or what `DATA_DIR` says. */
export const dataFolder = resolve(checkout, process.env["DATA_DIR"] ?? ".data");

/**
 * The port of each service, by its name: those of the table, moved when `PORT_BASE` names another
 * thousand than 3000. Throws a sentence when it is not a number that leaves room.
 */
export function servicePorts(): Readonly<Record<string, number>> {
  const base = Number(process.env["PORT_BASE"] ?? 3000);
  if (!Number.isInteger(base) || base < 1024 || base > 65_000) {
    throw new Error(`PORT_BASE takes a whole number from 1024 to 65000, such as 4000`);
  }
  return Object.fromEntries(serviceTable.map(({ name, port }) => [name, base + (port - 3000)]));
}
