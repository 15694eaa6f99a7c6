import { connect, createServer, type Socket } from "node:net";

/** A network cable that a test can pull. */
export type TcpProxy = AsyncDisposable & {
  /** Of the loopback address; stays the same. */
  readonly port: number;
  /** Breaks all connections, and new ones as soon as they are made. */
  readonly cut: () => void;
  /** Connections stay, and new ones are taken, but nothing gets through until it is restored. */
  readonly stall: () => void;
  /** Lets everything through again; what was held back first. */
  readonly restore: () => void;
  /** Connections at this moment. */
  readonly connections: () => number;
};

/** Starts a proxy on a free port that passes bytes on to a port of the loopback address. */
export async function startTcpProxy(options: { readonly targetPort: number }): Promise<TcpProxy> {
  let mode: "through" | "cut" | "stalled" = "through";
  const pairs = new Set<Pair>();
  const server = createServer((near) => {
    near.on("error", () => undefined);
    if (mode === "cut") {
      near.resetAndDestroy();
      return;
    }
    const pair = { near, far: connect(options.targetPort, "127.0.0.1") };
    pairs.add(pair);
    joinPair(pair, () => pairs.delete(pair));
    if (mode === "stalled") {
      pausePair(pair);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    connections: () => pairs.size,
    cut: () => {
      mode = "cut";
      pairs.forEach(breakPair);
    },
    stall: () => {
      mode = "stalled";
      pairs.forEach(pausePair);
    },
    restore: () => {
      mode = "through";
      pairs.forEach(resumePair);
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      pairs.forEach(breakPair);
      await closed;
    },
  };
}

type Pair = { readonly near: Socket; readonly far: Socket };

function joinPair({ near, far }: Pair, onEnd: () => void): void {
  near.setNoDelay(true);
  far.setNoDelay(true);
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => {
      to.destroy();
      onEnd();
    });
  }
}

function pausePair({ near, far }: Pair): void {
  near.unpipe(far);
  far.unpipe(near);
  near.pause();
  far.pause();
}

function resumePair({ near, far }: Pair): void {
  near.pipe(far);
  far.pipe(near);
}

function breakPair({ near, far }: Pair): void {
  near.resetAndDestroy();
  far.resetAndDestroy();
}
