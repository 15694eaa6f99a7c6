import assert from "node:assert/strict";
import { test } from "node:test";

import { AppError, invalidArgument, TransientError } from "@ordersaga/kernel";
import { silentLogger } from "@ordersaga/telemetry";

import type { OpenCall } from "../domain/provider-call.ts";
import { createOutage } from "./outage.ts";
import {
  type AnsweredCall,
  type Converse,
  ProviderCaller,
  type ProviderReply,
} from "./provider-caller.ts";

const charge = { amount: { currencyCode: "EUR", minorUnits: 1n }, token: "tok_ok", userId: "u" };

function chargeOf(sagaId: string): OpenCall {
  return { sagaId, sessionId: "s", attempts: 0, call: "charge", charge };
}

function cancelOf(sagaId: string): OpenCall {
  return { sagaId, sessionId: "s", attempts: 0, call: "cancel" };
}

function charged(sagaId: string): ProviderReply {
  return { key: `${sagaId}:process-payment`, answer: { kind: "charged" } };
}

function createCaller(converse: Converse, limits: { readonly maxOpen?: number } = {}) {
  const conversations: string[][] = [];
  const recorded: AnsweredCall[] = [];
  const postponed: { readonly sagas: readonly string[]; readonly until: Date | undefined }[] = [];
  let now = 1000;
  const caller = new ProviderCaller({
    converse: (calls, signal) => {
      conversations.push(calls.map(({ call, sagaId }) => `${call} ${sagaId}`));
      return converse(calls, signal);
    },
    record: async (answers) => void recorded.push(...answers),
    postpone: async (calls, { until }) =>
      void postponed.push({ sagas: calls.map(({ sagaId }) => sagaId), until }),
    outage: createOutage({
      policy: { attempts: Infinity, firstMs: 100, factor: 2, maxMs: 1000, jitter: 0 },
      clock: { now: () => new Date(now) },
      rng: () => 0.5,
    }),
    limits: { maxCalls: 10, maxConversations: 2, maxOpen: 100, ...limits },
    log: silentLogger,
  });
  return { caller, conversations, recorded, postponed, pass: (ms: number) => (now += ms) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const answersAll: Converse = async function* (calls) {
  yield calls.map(({ sagaId }) => charged(sagaId));
};

test("calls are asked in one conversation and their answers recorded", async () => {
  const { caller, conversations, recorded, postponed } = createCaller(answersAll);
  caller.ask([chargeOf("a")]);
  caller.ask([chargeOf("b")]);
  await turn();
  assert.deepEqual(conversations, [["charge a", "charge b"]]);
  assert.deepEqual(recorded, [
    { sagaId: "a", sessionId: "s", heard: { kind: "charged" } },
    { sagaId: "b", sessionId: "s", heard: { kind: "charged" } },
  ]);
  assert.deepEqual(postponed, []);
});

test("a call that is under way is not asked again, and afterwards it may be", async () => {
  const gate = Promise.withResolvers<void>();
  const { caller, conversations } = createCaller(async function* (calls) {
    await gate.promise;
    yield calls.map(({ sagaId }) => charged(sagaId));
  });
  caller.ask([chargeOf("a")]);
  await turn();
  caller.ask([chargeOf("a")]);
  gate.resolve();
  await turn();
  assert.equal(conversations.length, 1);
  caller.ask([chargeOf("a")]);
  await turn();
  assert.equal(conversations.length, 2);
});

test("of a charge and a cancel in one set only the cancel is asked", async () => {
  const { caller, conversations } = createCaller(answersAll);
  caller.ask([cancelOf("a"), chargeOf("a")]);
  await turn();
  assert.deepEqual(conversations, [["cancel a"]]);
});

test("a cancel does not wait for the charge that it cancels", async () => {
  const { caller, conversations } = createCaller(async function* (calls) {
    yield [];
    if (calls[0]?.call === "charge") {
      await new Promise<void>(() => undefined);
    }
  });
  caller.ask([chargeOf("a")]);
  await turn();
  caller.ask([cancelOf("a")]);
  await turn();
  assert.deepEqual(conversations, [["charge a"], ["cancel a"]]);
});

test("what the provider leaves out is put off as an attempt", async () => {
  const { caller, postponed } = createCaller(async function* () {
    yield [charged("a")];
  });
  caller.ask([chargeOf("a"), chargeOf("b")]);
  await turn();
  assert.deepEqual(postponed, [{ sagas: ["b"], until: undefined }]);
});

test("a deadline that passes is an attempt; what came before it is recorded", async () => {
  const { caller, postponed, recorded } = createCaller(async function* () {
    yield [charged("a")];
    throw new AppError({ code: "DEADLINE_EXCEEDED", message: "too late" });
  });
  caller.ask([chargeOf("a"), chargeOf("b")]);
  await turn();
  assert.deepEqual(
    recorded.map(({ sagaId }) => sagaId),
    ["a"],
  );
  assert.deepEqual(postponed, [{ sagas: ["b"], until: undefined }]);
});

test("a provider out of reach is left alone for a while, and no attempt is counted", async () => {
  let isDown = true;
  const { caller, conversations, postponed, recorded, pass } = createCaller(
    async function* (calls) {
      if (isDown) {
        throw new TransientError("down");
      }
      yield calls.map(({ sagaId }) => charged(sagaId));
    },
  );
  caller.ask([chargeOf("a")]);
  await turn();
  caller.ask([chargeOf("b")]);
  await turn();
  const until = new Date(1100);
  assert.deepEqual(caller.awayUntil(), until);
  assert.deepEqual(postponed, [
    { sagas: ["a"], until },
    { sagas: ["b"], until },
  ]);
  assert.equal(conversations.length, 1);

  isDown = false;
  pass(100);
  caller.ask([chargeOf("a")]);
  await turn();
  assert.equal(caller.awayUntil(), undefined);
  assert.equal(recorded.length, 1);
});

test("a call that the provider refuses to read is found, and harms no other", async () => {
  const sagas = Array.from({ length: 9 }, (_, index) => `saga-${index}`);
  const { caller, recorded, postponed } = createCaller(async function* (calls) {
    if (calls.some(({ sagaId }) => sagaId === "saga-4")) {
      throw invalidArgument({ field: "instructions", description: "one is malformed" });
    }
    yield calls.map(({ sagaId }) => charged(sagaId));
  });
  caller.ask(sagas.map(chargeOf));
  for (let round = 0; round < 10; round++) {
    await turn();
  }
  assert.deepEqual(
    recorded.map(({ sagaId }) => sagaId).toSorted(),
    sagas.filter((saga) => saga !== "saga-4"),
  );
  assert.deepEqual(postponed, [{ sagas: ["saga-4"], until: undefined }]);
});

test("one slow call does not keep the next conversations from starting", async () => {
  const { caller, conversations } = createCaller(async function* (calls) {
    yield calls
      .filter(({ sagaId }) => !sagaId.startsWith("slow"))
      .map(({ sagaId }) => charged(sagaId));
    if (calls.some(({ sagaId }) => sagaId.startsWith("slow"))) {
      await new Promise<void>(() => undefined);
    }
  });
  for (let index = 0; index < 5; index++) {
    caller.ask([chargeOf(`slow-${index}`), chargeOf(`quick-${index}`)]);
    await turn();
  }
  assert.equal(conversations.length, 5);
});

test("more calls than there is room for are left to the scanner", async () => {
  const { caller, conversations } = createCaller(answersAll, { maxOpen: 2 });
  caller.ask([chargeOf("a"), chargeOf("b"), chargeOf("c")]);
  await turn();
  assert.deepEqual(conversations, [["charge a", "charge b"]]);
});

test("stopping gives up what is under way, and asks no more", async () => {
  const { caller, conversations, postponed } = createCaller(async function* (_calls, signal) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    signal.throwIfAborted();
    yield [];
  });
  caller.ask([chargeOf("a")]);
  await turn();
  await caller.stop();
  caller.ask([chargeOf("b")]);
  await turn();
  assert.equal(conversations.length, 1);
  assert.deepEqual(postponed, []);
});
