import { join } from "node:path";

import { addressOf, environmentOf, type Surroundings, writeEnvironment } from "./environment.ts";
import type { RunningSystem } from "./running-system.ts";
import { serviceTable } from "./service-table.ts";
import { logOf, type Supervised, supervise, type SuperviseOptions } from "./supervise.ts";
import { checkout } from "./place.ts";
import { waitUntilServing } from "./wait-until-serving.ts";

/** The four services, each a process of its own. */
export type RunningServices = Omit<RunningSystem, "pid" | "startedAt"> & {
  /** One of them by its name. Throws when there is no such service. */
  readonly process: (name: string) => Supervised;
  /** Resolves when it serves. Throws when that takes longer than it may. */
  readonly waitUntilServing: (name: string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type StartServicesOptions = {
  /** Where logs and environments are written. */
  readonly folder: string;
  readonly around: Surroundings;
  /** Told in a sentence what happens to a process. */
  readonly onEvent: (sentence: string) => void;
  /** How long each may take until it serves. */
  readonly servingWithinMs: number;
  /** For tests that kill services on purpose: see `supervise`. */
  readonly supervision?: Pick<SuperviseOptions, "restartAfterMs" | "isKilledOnPurpose">;
};

/** Starts all services and resolves when every one serves; stops them again when one does not. */
export async function startServices(options: StartServicesOptions): Promise<RunningServices> {
  const { folder, around, onEvent } = options;
  const logFolder = join(folder, "logs");
  const processes = new Map<string, Supervised>();
  const stop = async (): Promise<void> => {
    await Promise.all([...processes.values()].map((service) => service.stop()));
  };
  for (const row of serviceTable) {
    const environment = environmentOf(row, around);
    writeEnvironment(row, { folder, environment });
    processes.set(
      row.name,
      supervise({ row, checkout, environment, logFolder, onEvent, ...options.supervision }),
    );
  }
  const services = Object.fromEntries(
    serviceTable.map(({ name }) => [name, addressOf(name, around.ports)]),
  );
  const serving = async (name: string): Promise<void> => {
    const logFile = logOf({ row: { name }, logFolder });
    const baseUrl = services[name] ?? "";
    await waitUntilServing({ name, baseUrl, withinMs: options.servingWithinMs, logFile });
  };
  try {
    await Promise.all(serviceTable.map(async ({ name }) => await serving(name)));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    operatorToken: around.operatorToken,
    services,
    process(name) {
      const found = processes.get(name);
      if (found === undefined) {
        throw new Error(`there is no service ${name}`);
      }
      return found;
    },
    waitUntilServing: serving,
    stop,
  };
}
