import { type CommandResult, runCommand } from "./run-command.ts";
import type { WayToGet } from "./way-to-get.ts";

/**
 * Installs Debian's package, as root or through a `sudo` that asks for no password. The service that the
 * package may start is not used.
 */
export const installNatsServer: WayToGet = async ({ progress }) => {
  if ((await run(["apt-get", "--version"])).status !== 0) {
    throw new Error("apt-get: there is none on this machine");
  }
  const prefix = await commandPrefix();
  progress("installing nats-server (apt-get install nats-server)");
  let result = await install(prefix);
  if (result.status !== 0) {
    progress("bringing the list of packages up to date (apt-get update)");
    await run([...prefix, ...aptGet, "update"]);
    result = await install(prefix);
  }
  if (result.status !== 0) {
    const lines = result.output.trim().split("\n");
    throw new Error(`apt-get install nats-server: ${lines.slice(-3).join(" ")}`);
  }
  return "/usr/sbin/nats-server";
};

const aptGet = ["apt-get", "--quiet", "-o", "DPkg::Lock::Timeout=60"] as const;

async function install(prefix: readonly string[]): Promise<CommandResult> {
  return await run([
    ...prefix,
    ...aptGet,
    "install",
    "-y",
    "--no-install-recommends",
    "nats-server",
  ]);
}

async function commandPrefix(): Promise<readonly string[]> {
  if (process.getuid?.() === 0) {
    return [];
  }
  const sudo = ["sudo", "--non-interactive"];
  if ((await run([...sudo, "true"])).status !== 0) {
    throw new Error("apt-get install nats-server: needs root, or sudo without a password");
  }
  return sudo;
}

async function run([file = "", ...args]: readonly string[]): Promise<CommandResult> {
  return await runCommand({
    file,
    args,
    withinMs: 180_000,
    environment: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" },
  });
}
