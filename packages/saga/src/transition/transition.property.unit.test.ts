import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { create } from "@bufbuild/protobuf";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import * as fc from "fast-check";

import { encodeState } from "../definition/carried-state.ts";
import { alphabetSaga, messages } from "../testing/alphabet.ts";
import { beginSaga } from "./begin-saga.ts";
import { insightOf, isEnd } from "./insight.ts";
import type { Saga } from "./saga.ts";
import { sayings } from "./sayings.ts";
import { type SagaInput, transition } from "./transition.ts";

const coordinations = [Coordination.CHOREOGRAPHY, Coordination.ORCHESTRATION] as const;
const definitions = [alphabetSaga({}), alphabetSaga({ undoOrder: "newest-first" })] as const;
const begun = fc.record({
  coordination: fc.constantFrom(...coordinations),
  definition: fc.constantFrom(...definitions),
});

/** Anything that can be heard, asked or noticed, at any time, in any order, any number of times. */
const anyInput: fc.Arbitrary<SagaInput> = fc
  .tuple(
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom("A", "B", "C").chain(outcomeOf) },
      { weight: 2, arbitrary: fc.constantFrom("YDone", "ZDone", "YWaiting").map(heard) },
      fc.constantFrom("FAILED" as const, "CANCELLED" as const).map((as) => ({
        kind: "abort" as const,
        as,
        cause: { code: "ASKED", message: "" },
      })),
      fc.constantFrom({ kind: "time-limit" as const }, { kind: "recovery" as const }),
    ),
    fc.nat({ max: 20_000 }),
  )
  .map(([input, ms]) => ({ ...input, at: new Date(ms) }));

const anyInputs = fc.array(anyInput, { maxLength: 25 });

describe("any sequence of inputs", () => {
  it("decides at most once, for good, and only announces the decision when it is made", () => {
    check(anyInputs, (inputs, saga, definition) => {
      let current = saga;
      let announced = 0;
      for (const input of inputs) {
        const { saga: next, effects, history } = transition(definition, current, input);
        if (current.decision !== undefined) {
          assert.equal(next.decision, current.decision);
        }
        const isNew = current.decision === undefined && next.decision !== undefined;
        const decisions = history.filter(({ step }) => step === "pivot");
        assert.equal(decisions.length, isNew ? 1 : 0);
        const tells = effects.filter((effect) => effect.kind === "announce");
        announced += input.kind === "recovery" ? 0 : tells.length;
        current = next;
      }
      assert.equal(announced, current.decision === undefined ? 0 : 1);
    });
  });

  it("only adds facts, each once, and records each of them once", () => {
    check(anyInputs, (inputs, saga, definition) => {
      let current = saga;
      for (const input of inputs) {
        const { saga: next, history } = transition(definition, current, input);
        assert.deepEqual(next.facts.slice(0, current.facts.length), current.facts);
        assert.equal(new Set(next.facts).size, next.facts.length);
        const grown = next.facts.length - current.facts.length;
        const told = history.filter(({ step, status }) => step !== "pivot" && status !== "STARTED");
        assert.equal(told.length, grown);
        current = next;
      }
    });
  });

  it("changes nothing the second time", () => {
    check(anyInputs, (inputs, saga, definition) => {
      let current = saga;
      for (const input of inputs.filter(({ kind }) => kind !== "recovery")) {
        const { saga: next } = transition(definition, current, input);
        const again = transition(definition, next, input);
        assert.equal(again.saga, next);
        assert.deepEqual([again.effects, again.history], [[], []]);
        current = next;
      }
    });
  });

  it("leaves nothing to be said after the end, and always something before it", () => {
    check(anyInputs, (inputs, saga, definition) => {
      const last = run(definition, saga, inputs);
      assert.equal(sayings(definition, last).length === 0, isEnd(last.standing));
    });
  });

  it("makes recovery say what follows from the row, whatever came before", () => {
    check(anyInputs, (inputs, saga, definition) => {
      const { id, state, facts, decision, ...rest } = run(definition, saga, inputs);
      const row = { ...rest, id, state, facts: [...facts], decision: decision && { ...decision } };
      const said = transition(definition, row, { kind: "recovery", at: new Date(0) });
      assert.deepEqual(said.effects, sayings(definition, row));
      assert.deepEqual(row.standing, insightOf(definition, row).standing);
      assert.equal(said.saga.decision, row.decision);
      assert.equal(said.saga.facts, row.facts);
    });
  });

  it("keeps its times in step with where it stands", () => {
    check(anyInputs, (inputs, saga, definition) => {
      const last = run(definition, saga, inputs);
      assert.equal(last.deadlineAt === undefined, last.decision !== undefined);
      assert.equal(last.dueAt === undefined, isEnd(last.standing));
      assert.equal(last.endedAt === undefined, !isEnd(last.standing));
      if (last.dueAt !== undefined && last.deadlineAt !== undefined) {
        assert.ok(last.dueAt <= last.deadlineAt);
      }
    });
  });
});

describe("after a decision", () => {
  /** One final answer of every step, as participants give them: it never changes. */
  const answers = fc.record({
    A: fc.constantFrom("ARefused", "AUndone"),
    B: fc.constantFrom("BRefused", "BUndone"),
    C: fc.constantFrom("CRefused", "CUndone"),
  });

  it("against it, the same answers lead to the same end in any order", () => {
    const orders = answers.chain((each) =>
      fc.tuple(shuffled(Object.values(each)), shuffled(Object.values(each))),
    );
    check(orders, ([one, other], saga, definition) => {
      const aborted = run(definition, saga, [abort]);
      const ends = [one, other].map((names) => run(definition, aborted, names.map(inputOf)));
      assert.ok(ends.every(({ standing }) => isEnd(standing)));
      assert.deepEqual(ends[0]?.standing, ends[1]?.standing);
      assert.equal(ends[0]?.standing.progress, "CANCELLED");
    });
  });

  it("for it, the same answers lead to the same end in any order", () => {
    const orders = fc.tuple(shuffled(["YDone", "ZDone"]), shuffled(["ADone", "BDone", "BWaiting"]));
    check(orders, ([retriable, late], saga, definition) => {
      const confirmed = run(definition, saga, [inputOf("CDone")]);
      const last = run(definition, confirmed, [...late, ...retriable].map(inputOf));
      assert.equal(last.standing.status, "COMPLETED");
    });
  });
});

const abort: SagaInput = {
  kind: "abort",
  as: "CANCELLED",
  cause: { code: "ASKED", message: "" },
  at: new Date(0),
};

function check<T>(
  arbitrary: fc.Arbitrary<T>,
  property: (value: T, saga: Saga, definition: (typeof definitions)[number]) => void,
): void {
  fc.assert(
    fc.property(begun, arbitrary, ({ coordination, definition }, value) => {
      const { saga } = beginSaga(definition, {
        id: "019b76da0c007abc8def0123456789ab",
        sessionId: "test",
        coordination,
        traceparent: "",
        state: encodeState(definition, { text: "x" }),
        at: new Date(0),
        dueAt: new Date(200),
      });
      property(value, saga, definition);
    }),
    { numRuns: 500 },
  );
}

function run(definition: (typeof definitions)[number], saga: Saga, inputs: readonly SagaInput[]) {
  return inputs.reduce((current, input) => transition(definition, current, input).saga, saga);
}

function outcomeOf(letter: string) {
  const names = ["Done", "Refused", "Waiting", "Undone"].map((outcome) => `${letter}${outcome}`);
  return fc.constantFrom(...names).map(heard);
}

function heard(name: string) {
  return { kind: "outcome" as const, event: create(messages.message(name)), state: noState };
}

function inputOf(name: string): SagaInput {
  return { ...heard(name), at: new Date(0) };
}

function shuffled<T>(values: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...values], { minLength: values.length });
}

const noState = new Uint8Array();
