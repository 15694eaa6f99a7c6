import { setTimeout as sleep } from "node:timers/promises";

import type { TemporarySystem } from "../system/temporary-system.ts";
import type { Fault, FaultKind } from "./plan-faults.ts";

/** Told that a service's process was started again at this time. */
export type OnRestart = (service: string, at: Date) => void;

/** Does one fault to a system. Resolves when everything that it broke runs again. */
export async function inflict(
  system: TemporarySystem,
  fault: Fault,
  onRestart: OnRestart,
): Promise<void> {
  await deeds[fault.kind]({ system, fault, onRestart });
}

type Deed = (given: {
  readonly system: TemporarySystem;
  readonly fault: Fault;
  readonly onRestart: OnRestart;
}) => Promise<void>;

const killAll: Deed = async ({ system, fault, onRestart }) => {
  await Promise.all(
    fault.targets.map(async (name) => {
      const service = system.services.process(name);
      const ended = service.ended();
      service.signal("SIGKILL");
      await ended;
      service.start();
      onRestart(name, new Date());
      await system.services.waitUntilServing(name);
    }),
  );
};

const wipe: Deed = async ({ system: { servers }, fault }) => {
  await servers.nats.stop();
  servers.nats.wipe();
  await sleep(fault.lastsMs);
  await servers.nats.restart();
};

const deeds: Readonly<Record<FaultKind, Deed>> = {
  kill: killAll,
  "kill-two": killAll,
  terminate: async ({ system, fault, onRestart }) => {
    for (const name of fault.targets) {
      await system.services.process(name).stop();
      system.services.process(name).start();
      onRestart(name, new Date());
      await system.services.waitUntilServing(name);
    }
  },
  pause: async ({ system, fault }) => {
    const processes = fault.targets.map((name) => system.services.process(name));
    processes.forEach((service) => service.signal("SIGSTOP"));
    await sleep(fault.lastsMs);
    processes.forEach((service) => service.signal("SIGCONT"));
  },
  cut: async ({ system: { servers }, fault }) => {
    const cables = fault.targets.map((name) => servers.cables.get(name));
    cables.forEach((cable) => cable?.cut());
    await sleep(fault.lastsMs);
    cables.forEach((cable) => cable?.restore());
  },
  stall: async ({ system: { servers }, fault }) => {
    const cables = fault.targets.map((name) => servers.cables.get(name));
    cables.forEach((cable) => cable?.stall());
    await sleep(fault.lastsMs);
    cables.forEach((cable) => cable?.restore());
  },
  "restart-postgres": async ({ system: { servers } }) => await servers.postgres.restart(),
  "kill-postgres": async ({ system: { servers }, fault }) => {
    await servers.postgres.kill();
    await sleep(fault.lastsMs);
    await servers.postgres.restart();
  },
  "kill-nats": async ({ system: { servers }, fault }) => {
    await servers.nats.kill();
    await sleep(fault.lastsMs);
    await servers.nats.restart();
  },
  "wipe-nats": wipe,
  "kill-and-wipe-nats": async (given) => {
    await Promise.all([killAll(given), wipe(given)]);
  },
};
