import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Connects to a port of this machine and gathers what comes. */
export async function rawSocket(port: number): Promise<
  Disposable & {
    readonly write: (text: string) => void;
    /** Everything that came until the other end closed. */
    readonly closed: Promise<string>;
    /** Waits until what came contains this text. */
    readonly receives: (text: string) => Promise<void>;
  }
> {
  const socket: Socket = connect({ port, host: "127.0.0.1" });
  let received = "";
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
  });
  socket.on("error", () => {});
  const closed = once(socket, "close").then(() => received);
  await once(socket, "connect");
  return {
    write: (text) => void socket.write(text, "latin1"),
    closed,
    receives: async (text) => {
      while (!received.includes(text)) {
        await once(socket, "data");
      }
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}
