import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Whether somebody listens on this port of the loopback address already. */
export async function isPortTaken(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(true));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      server.close(() => resolve(false));
    });
  });
}

/**
 * A port of the loopback address that nobody listens on at this moment, with as many more behind it as
 * are asked for. It lies below the range from which the system takes ports for outgoing connections, so
 * that none of those takes it while a server is being started again.
 */
export async function freePort(inARow = 1): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 32_000);
    const taken = await Promise.all(
      Array.from({ length: inARow }, async (_, index) => await isPortTaken(port + index)),
    );
    if (!taken.includes(true)) {
      return port;
    }
  }
}
