import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";

export type OnePort = {
  readonly port: number;
  /** Stops listening; sockets that have not said what they speak are closed. */
  readonly close: () => void;
  /** Sockets that are open. */
  readonly sockets: ReadonlySet<Socket>;
};

/**
 * Listens on a TCP port and hands every socket to HTTP/2 or HTTP/1.1, told apart by its first bytes.
 * A socket that takes longer than `firstBytesWithinMs` to say which is closed.
 */
export async function listenOnOnePort(options: {
  readonly port: number;
  readonly host: string;
  readonly firstBytesWithinMs: number;
  readonly http2: (socket: Socket) => void;
  readonly http1: (socket: Socket) => void;
}): Promise<OnePort> {
  const sockets = new Set<Socket>();
  const undecided = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    undecided.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      undecided.delete(socket);
    });
    decide(socket, options, () => undecided.delete(socket));
  });
  server.listen(options.port, options.host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of undecided) {
        socket.destroy();
      }
    },
    sockets,
  };
}

type Destinations = Pick<
  Parameters<typeof listenOnOnePort>[0],
  "firstBytesWithinMs" | "http1" | "http2"
>;

function decide(socket: Socket, options: Destinations, onDecided: () => void): void {
  const timer = setTimeout(() => socket.destroy(), options.firstBytesWithinMs);
  const stop = (): void => {
    clearTimeout(timer);
    socket.off("readable", onReadable).off("end", onEnd).off("error", onEnd).off("close", stop);
  };
  let first: Buffer = Buffer.alloc(0);
  const onEnd = (): void => void socket.destroy();
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    first = chunk === null ? first : Buffer.concat([first, chunk]);
    const speaks = protocolOf(first);
    if (speaks === undefined) {
      return;
    }
    stop();
    // Whoever takes the socket over reads them again.
    socket.unshift(first);
    onDecided();
    if (speaks === "http2") {
      socket.allowHalfOpen = false;
      options.http2(socket);
    } else {
      options.http1(socket);
    }
  };
  socket.on("readable", onReadable).on("end", onEnd).on("error", onEnd).on("close", stop);
}

/** RFC 9113, section 3.4. */
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/**
 * Three bytes tell; but a client that seems to speak HTTP/2 is handed on only with its whole preface, so
 * that half a one cannot hold a connection open.
 */
function protocolOf(bytes: Buffer): "http1" | "http2" | undefined {
  const start = bytes.toString("latin1", 0, preface.length);
  if (!preface.startsWith(start)) {
    return start.startsWith("PRI") ? "http2" : "http1";
  }
  return start.length === preface.length ? "http2" : undefined;
}
