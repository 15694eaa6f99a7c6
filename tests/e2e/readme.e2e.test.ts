import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";

import { serviceTable } from "../../scripts/system/service-table.ts";
import { startTestSystem, type TestSystem } from "./system.ts";

const root = join(import.meta.dirname, "../..");

/** Command lines of the documents, by the tool that they call. */
const commands = ["README.md", "docs/guides/place-an-order.md"].flatMap((file) =>
  [...readFileSync(join(root, file), "utf8").matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)]
    .flatMap(([, block = ""]) => block.replaceAll("\\\n", " ").split("\n"))
    .map((line) => line.trim().replaceAll(/ +/g, " "))
    .filter((line) => /^(?:curl|grpcurl|npx buf curl) /.test(line))
    .map((line) => ({ file, line })),
);

describe("the documents' command lines, against a running system", () => {
  let system: TestSystem;
  before(async () => {
    system = await startTestSystem();
    await system.clients.inventory.seedProducts({}, { sessionId: "demo" });
  });
  after(async () => await system[Symbol.asyncDispose]());

  it("are found", () => {
    const tools = new Set(commands.map(({ line }) => line.split(" ")[0]));
    assert.deepEqual(tools, new Set(["grpcurl", "npx", "curl"]));
  });

  for (const { file, line } of commands) {
    const isInstalled =
      !line.startsWith("grpcurl") || spawnSync("grpcurl", ["-version"]).status === 0;
    const skip = isInstalled ? false : "not run: grpcurl is not installed";
    it(`${file}: ${line}`, { skip }, async () => {
      const { orders } = await system.clients.order.listOrders({}, { sessionId: "demo" });
      const [order] = orders;
      const ready = serviceTable
        .reduce(
          (text, { name, port }) =>
            text.replaceAll(
              `localhost:${port}`,
              new URL(system.services.services[name] ?? "").host,
            ),
          line,
        )
        .replaceAll("YOUR-ORDER-ID", order?.id ?? "")
        .replaceAll("YOUR-SAGA-ID", order?.sagaId ?? "");
      const { stdout } = await promisify(execFile)("sh", ["-c", ready], {
        cwd: root,
        timeout: 60_000,
      });
      assert.doesNotMatch(stdout, /"code"/, stdout);
      assert.ok(stdout.trim() !== "");
    });
  }
});
