import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { test } from "node:test";

import { startTcpProxy } from "./tcp-proxy.ts";
import { waitFor } from "./wait-for.ts";

test("a proxy passes bytes on, holds them back while stalled, and breaks what is cut", async (t) => {
  const echo = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  t.after(() => echo.close());
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  await using proxy = await startTcpProxy({ targetPort: portOf(echo.address()) });
  let heard = "";
  const client = connect(proxy.port, "127.0.0.1");
  client.on("data", (data) => {
    heard += data.toString("utf8");
  });
  let isClosed = false;
  client.on("error", () => undefined);
  client.on("close", () => {
    isClosed = true;
  });

  client.write("a");
  await waitFor(() => heard === "a", { withinMs: 2000 });
  proxy.stall();
  client.write("b");
  await assert.rejects(
    waitFor(() => heard !== "a", { withinMs: 100, describe: "a byte" }),
    /a byte/,
  );
  proxy.restore();
  await waitFor(() => heard === "ab", { withinMs: 2000 });
  proxy.cut();
  await waitFor(() => isClosed, { withinMs: 2000 });
  assert.equal(proxy.connections(), 0);

  const late = connect(proxy.port, "127.0.0.1");
  await assert.rejects(once(late, "close"), { code: "ECONNRESET" });
});

function portOf(address: ReturnType<ReturnType<typeof createServer>["address"]>): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
