import { join } from "node:path";

import { demoSession, runDemo } from "../demo/run-demo.ts";
import { connectTo } from "../system/clients.ts";
import { dataFolder, servicePorts } from "../system/place.ts";
import { forgetRunningSystem, recordRunningSystem } from "../system/running-system.ts";
import { readSecrets } from "../system/secrets.ts";
import { startServers } from "../system/servers.ts";
import { startServices } from "../system/start-services.ts";
import { colour } from "../terminal/colour.ts";
import { refuseIfTaken } from "./refuse-if-taken.ts";
import { sayHello } from "./say-hello.ts";
import { onceOnSignal } from "./once-on-signal.ts";

const folder = dataFolder;

/**
 * Brings everything up, tells the demonstration, prints where things are, and stays until it is told to
 * stop. Throws an Error with a sentence that says what to do when it cannot.
 */
export async function up(): Promise<void> {
  const ports = servicePorts();
  await refuseIfTaken(ports);
  const progress = progressSince(performance.now());
  const cleanups: (() => Promise<void>)[] = [];
  const shutDown = onceOnSignal(async () => {
    console.log("\nStopping …");
    for (const cleanup of cleanups.toReversed()) {
      // Services before the servers they use.
      await cleanup();
    }
    forgetRunningSystem();
  });
  try {
    const secrets = readSecrets(folder);
    const servers = await startServers({
      folder,
      secrets,
      databaseUrl: process.env["DATABASE_URL"],
      natsUrl: process.env["NATS_URL"],
      progress,
    });
    cleanups.push(servers.stop);
    progress("starting order, inventory, payment and payment-provider");
    const services = await startServices({
      folder,
      around: { ...servers, ...secrets, ports },
      onEvent: progress,
      servingWithinMs: 60_000,
    });
    cleanups.push(services.stop);
    recordRunningSystem({ pid: process.pid, startedAt: new Date().toISOString(), ...services });
    progress("everything serves; five orders to begin with\n");
    using clients = connectTo(services);
    await runDemo(clients);
    sayHello({
      services: services.services,
      operatorToken: secrets.operatorToken,
      sessionId: demoSession,
      databaseUrl: servers.databaseAddress,
      natsUrl: servers.natsUrl,
      logFolder: join(folder, "logs"),
    });
  } catch (error) {
    await shutDown.now();
    throw error;
  }
  await shutDown.happened;
}

function progressSince(startedAt: number): (line: string) => void {
  return (line) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
    console.log(colour("grey", `  ${seconds} s  ${line}`));
  };
}
