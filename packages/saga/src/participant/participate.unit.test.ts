import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { Message } from "@bufbuild/protobuf";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { PermanentError } from "@ordersaga/kernel";
import type { IncomingEvent, OutgoingEvent, UnitOfWork } from "@ordersaga/outbox";

import { decodeState, encodeState } from "../definition/carried-state.ts";
import { alphabet, alphabetSaga, stepOf } from "../testing/alphabet.ts";
import { incoming } from "../testing/incoming.ts";
import type { Participant, StepRequest } from "./participant.ts";
import { participate } from "./participate.ts";

const { CHOREOGRAPHY, ORCHESTRATION } = Coordination;
const sagaId = "019b76da0c007abc8def0123456789ab";
const cause = { code: "TOLD_SO", message: "Somebody told so." };
const state = encodeState(alphabet, { text: "x", a: "one" });

type Asked = { readonly act: string; readonly request: StepRequest };

/** The participant that owns the step of a letter, and what it is asked. */
function participantOf(letter: string): {
  readonly participant: Participant;
  readonly asked: Asked[];
  readonly hear: (...events: readonly IncomingEvent[]) => Promise<Asked[]>;
} {
  const asked: Asked[] = [];
  const handler = (act: string) => async (_uow: UnitOfWork, requests: readonly StepRequest[]) => {
    asked.push(...requests.map((request) => ({ act, request })));
  };
  const handlers = { [stepOf(letter)]: { do: handler("do"), undo: handler("undo") } };
  const participant = participate(alphabet, letter, handlers, [alphabetSaga({ version: 2 })]);
  return {
    participant,
    asked,
    hear: async (...events) => {
      asked.length = 0;
      const type = events[0]?.type;
      await participant.reactions.find((each) => each.type === type)?.handle(nowhere, events);
      return [...asked];
    },
  };
}

const nowhere: UnitOfWork = {
  query: async () => [],
  emit: () => undefined,
  afterCommit: () => undefined,
};

function textOf(message: unknown): unknown {
  return (message as { readonly text?: string }).text;
}

function causeIn(asked: Asked | undefined): string {
  const request = asked?.request.request as { readonly cause?: typeof cause } | undefined;
  return `${asked?.act} ${request?.cause?.code} ${request?.cause?.message}`;
}

function names(letter: string): string[] {
  return participantOf(letter)
    .participant.reactions.map(({ type }) => type.name)
    .toSorted();
}

function unlimited(letter: string): string[] {
  return participantOf(letter)
    .participant.reactions.filter(({ isUnlimited }) => isUnlimited === true)
    .map(({ type }) => type.name)
    .toSorted();
}

function commands(letter: string): string[] {
  return [`Do${letter}Request`, `Undo${letter}Request`];
}

/** The event that an owner's answer becomes. */
function answered(
  letter: string,
  outcome: { readonly case: string; readonly value: Record<string, unknown> },
  coordination: Coordination = CHOREOGRAPHY,
): OutgoingEvent {
  const emitted: OutgoingEvent[] = [];
  const uow = { ...nowhere, emit: (event: unknown) => emitted.push(event as OutgoingEvent) };
  const { context } = incoming("Begun", { sagaId, state, coordination });
  // The alphabet's messages are described at run time: the compiler does not know their outcomes.
  const answer = { step: stepOf(letter), context, outcome } as never;
  participantOf(letter).participant.answer(uow, answer);
  const [event] = emitted;
  assert.ok(event !== undefined);
  return event;
}

describe("a participant", () => {
  it("reacts to its own commands, to what it follows, and to what undoes it", () => {
    const first = ["Aborted", "BRefused", "Begun", "CRefused", ...commands("A")];
    assert.deepEqual(names("A"), first.toSorted());
    assert.deepEqual(names("B"), ["ADone", "Aborted", "CRefused", ...commands("B")].toSorted());
    assert.deepEqual(names("C"), ["Aborted", "BDone", ...commands("C")].toSorted());
    assert.deepEqual(names("Y"), ["Confirmed", "DoYRequest"]);
  });

  it("never gives up an undo or a finish", () => {
    assert.deepEqual(unlimited("B"), ["Aborted", "CRefused", "UndoBRequest"]);
    assert.deepEqual(unlimited("Y"), ["Confirmed", "DoYRequest"]);
  });

  it("does the first step when the saga is begun, with the state made of the announcement", async () => {
    const { hear } = participantOf("A");
    const [asked] = await hear(incoming("Begun", { sagaId }, { text: "x" }));
    assert.equal(asked?.act, "do");
    assert.equal(textOf(asked?.request.request), "x");
    const made = decodeState(alphabet, asked?.request.context.state ?? new Uint8Array());
    assert.equal(textOf(made), "x");
  });

  it("does a later step on the success before it, with the state that came with it", async () => {
    const [asked] = await participantOf("B").hear(incoming("ADone", { sagaId, state }));
    assert.equal(asked?.act, "do");
    assert.equal(textOf(asked?.request.request), "x");
    assert.deepEqual(asked?.request.context.state, state);
  });

  it("undoes on the abort, and early on a refusal behind it, with the cause", async () => {
    const { hear } = participantOf("A");
    const [aborted] = await hear(incoming("Aborted", { sagaId }, { cause }));
    const [refused] = await hear(incoming("CRefused", { sagaId }, { text: "No." }));
    const causes = [aborted, refused].map(causeIn);
    assert.deepEqual(causes, ["undo TOLD_SO Somebody told so.", "undo C_REFUSED No."]);
  });

  it("takes commands as they are", async () => {
    const context = { sagaId, coordination: ORCHESTRATION };
    const { hear } = participantOf("A");
    const command = incoming("DoARequest", context, { text: "y" });
    const [asked] = await hear(command);
    assert.equal(asked?.act, "do");
    assert.equal(asked?.request.request, command.payload);
    assert.equal((await hear(incoming("UndoARequest", context, { cause })))[0]?.act, "undo");
  });

  it("ignores what belongs to the other mode", async () => {
    const { hear } = participantOf("A");
    assert.deepEqual(await hear(incoming("Begun", { sagaId, coordination: ORCHESTRATION })), []);
    assert.deepEqual(await hear(incoming("Aborted", { sagaId, coordination: ORCHESTRATION })), []);
    assert.deepEqual(
      await hear(incoming("DoARequest", { sagaId, coordination: CHOREOGRAPHY })),
      [],
    );
  });

  it("is asked about a set at once, in its order", async () => {
    const { hear } = participantOf("A");
    const texts = ["1", "2", "3"];
    const asked = await hear(...texts.map((text) => incoming("Begun", { sagaId }, { text })));
    assert.deepEqual(
      asked.map(({ request }) => textOf(request.request)),
      texts,
    );
  });

  it("serves the versions it knows once each, and refuses others", async () => {
    const { hear } = participantOf("A");
    const two = incoming("Begun", { sagaId, definitionVersion: 2 });
    assert.equal((await hear(two)).length, 1);
    const three = incoming("Begun", { sagaId, definitionVersion: 3 });
    await assert.rejects(hear(three), PermanentError);
  });

  it("refuses what belongs to no saga or to no session, undo and finish too", async () => {
    for (const context of [{ sagaId: "" }, { sagaId, sessionId: "" }]) {
      for (const event of [incoming("Begun", context), incoming("Aborted", context)]) {
        await assert.rejects(participantOf("A").hear(event), PermanentError);
      }
      await assert.rejects(participantOf("Y").hear(incoming("Confirmed", context)), PermanentError);
    }
  });

  it("is not made without a handler for every step", () => {
    assert.throws(() => participate(alphabet, "A", {}), /do-a has no handler/);
  });
});

describe("an answer", () => {
  it("is an event of its own type that belongs to the same saga", () => {
    const { type, payload, context } = answered("A", { case: "done", value: { text: "one" } });
    assert.equal(type.name, "ADone");
    assert.equal(textOf(payload), "one");
    assert.equal(context.sagaId, sagaId);
  });

  it("carries the state on, patched, when a choreographed step has succeeded", () => {
    const { context } = answered("B", { case: "done", value: { text: "two" } });
    const { a, b } = decodeState(alphabet, context.state) as Message & Record<"a" | "b", string>;
    assert.deepEqual([a, b], ["one", "two"]);
  });

  it("carries no state that nobody looks at", () => {
    const none = new Uint8Array();
    const empty = { text: "" };
    assert.deepEqual(answered("A", { case: "refused", value: empty }).context.state, none);
    assert.deepEqual(answered("A", { case: "undone", value: { cause } }).context.state, none);
    assert.deepEqual(answered("A", { case: "waiting", value: {} }).context.state, none);
    assert.deepEqual(answered("Y", { case: "done", value: empty }).context.state, none);
    const orchestrated = answered("A", { case: "done", value: empty }, ORCHESTRATION);
    assert.deepEqual(orchestrated.context.state, none);
  });

  it("is refused when the step has no such outcome", () => {
    assert.throws(() => answered("A", { case: "lost", value: {} }), /no outcome lost/);
  });
});
