import { after } from "node:test";

import { silentLogger } from "@ordersaga/telemetry";
import { testNats } from "@ordersaga/testkit";

import { messageBusContract } from "../contract.ts";
import { connectJetStream } from "./bus.ts";

const nats = await testNats();
after(() => nats[Symbol.asyncDispose]());

messageBusContract("JetStream", () =>
  connectJetStream({
    servers: nats.servers,
    prefix: nats.prefix,
    name: "contract",
    log: silentLogger,
  }),
);
