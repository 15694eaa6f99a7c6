import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { create } from "@bufbuild/protobuf";
import { Coordination } from "@ordersaga/gen/saga/v1/saga";

import { decodeState } from "../definition/carried-state.ts";
import { alphabet, messages } from "../testing/alphabet.ts";
import { asked, given, type Happening, heard, passed, saidAgain } from "../testing.ts";
import { transition } from "./transition.ts";

const tell = (name: string, init: Record<string, unknown> = {}): Happening =>
  heard(messages.message(name), init);
const because = { cause: { code: "TOLD_SO", message: "Somebody told so." } };
const cancelled = asked("CANCELLED", { code: "CHANGED_MIND", message: "" });
const stopped = asked("FAILED", { code: "STOPPED", message: "" });

const modes = [
  { mode: "choreographed", coordination: Coordination.CHOREOGRAPHY },
  { mode: "orchestrated", coordination: Coordination.ORCHESTRATION },
] as const;

for (const { mode, coordination } of modes) {
  describe(`an undecided saga, ${mode}`, () => {
    const begun = given(alphabet, { text: "x" }, coordination);

    it("decides CONFIRMED on the success of the last step before the pivot", () => {
      begun
        .when(tell("ADone"))
        .when(tell("BDone"))
        .expect({ decided: undefined })
        .when(tell("CDone"))
        .expect({ decided: "CONFIRMED", because: "", progress: "CONFIRMED" })
        .expect({ records: ["do-c SUCCEEDED", "pivot SUCCEEDED", ...asking("do-y", "do-z")] });
    });

    it("takes the last success as that of all steps before it", () => {
      begun.when(tell("CDone")).expect({ decided: "CONFIRMED", status: "IN_PROGRESS" });
    });

    it("decides FAILED on a refusal of any step, with its cause", () => {
      for (const letter of ["A", "B", "C"]) {
        begun
          .when(tell(`${letter}Refused`, { text: "No." }))
          .expect({ decided: "FAILED", because: `${letter}_REFUSED`, progress: "FAILED" });
      }
    });

    it("decides FAILED on an undone, with the cause that it carries", () => {
      begun
        .when(tell("BUndone", because))
        .expect({ decided: "FAILED", because: "TOLD_SO", status: "COMPENSATING" })
        .expect({ records: ["do-b UNDONE", "pivot ABORTED"] });
    });

    it("decides what it was asked to, with the cause of who asked", () => {
      begun.when(cancelled).expect({ decided: "CANCELLED", because: "CHANGED_MIND" });
      begun.when(stopped).expect({ decided: "FAILED", because: "STOPPED" });
    });

    it("decides CANCELLED at its time limit", () => {
      begun.when(passed(999)).expect({ decided: undefined, says: [] });
      begun.when(passed(1_000)).expect({ decided: "CANCELLED", because: "TOO_SLOW" });
      begun.when(tell("ADone")).when(passed(1_000)).expect({ decided: "CANCELLED" });
    });

    it("decides FAILED at its time limit while a step waits", () => {
      const waiting = begun.when(tell("ADone")).when(tell("BWaiting"));
      waiting.expect({ progress: "B_WAITING" }).when(passed(9_999)).expect({ decided: undefined });
      waiting.when(passed(10_000)).expect({ decided: "FAILED", because: "WAITED_TOO_LONG" });
    });

    it("has its ordinary time limit again once the waiting step has succeeded", () => {
      begun
        .when(tell("BWaiting"))
        .when(passed(5_000))
        .when(tell("BDone"))
        .when(passed(999))
        .expect({ decided: undefined })
        .when(passed(1))
        .expect({ decided: "CANCELLED" });
    });

    it("does not begin its waiting anew when the step says again that it waits", () => {
      begun
        .when(tell("BWaiting"))
        .when(passed(9_000))
        .when(tell("BWaiting"))
        .when(passed(1_000))
        .expect({ decided: "FAILED" });
    });

    it("decides nothing on any other success", () => {
      begun
        .when(tell("ADone"))
        .expect({ decided: undefined, progress: "A_DONE", waitsFor: "do-b", status: "IN_PROGRESS" })
        .when(tell("BDone"))
        .expect({ decided: undefined, progress: "B_DONE", waitsFor: "do-c" });
    });

    it("shows the furthest progress, whatever order its facts come in", () => {
      begun
        .when(tell("BDone"))
        .when(tell("ADone"))
        .expect({ progress: "B_DONE", waitsFor: "do-c" });
      begun.when(tell("BWaiting")).when(tell("ADone")).expect({ progress: "B_WAITING" });
    });

    it("changes nothing on a duplicate", () => {
      const once = begun.when(tell("ADone"));
      assert.equal(once.when(tell("ADone")).expect({ says: [], records: [] }).saga, once.saga);
    });
  });

  describe(`a decided saga, ${mode}`, () => {
    const begun = given(alphabet, { text: "x" }, coordination);
    const confirmed = begun.when(tell("CDone"));
    const aborted = begun.when(tell("ADone")).when(cancelled);

    it("records facts and decides nothing else", () => {
      confirmed
        .when(tell("AUndone", because))
        .expect({ decided: "CONFIRMED", says: [], records: ["do-a UNDONE"] });
      aborted.when(tell("CDone")).expect({ decided: "CANCELLED", says: [] });
      aborted.when(tell("CRefused")).expect({ decided: "CANCELLED", because: "CHANGED_MIND" });
    });

    it("ignores who asks for its end and its time limits", () => {
      for (const happening of [cancelled, stopped, passed(1_000_000)]) {
        assert.equal(confirmed.when(happening).expect({ says: [] }).saga, confirmed.saga);
        assert.equal(aborted.when(happening).expect({ says: [] }).saga, aborted.saga);
      }
    });

    it("is COMPLETED when every retriable step has succeeded, in any order", () => {
      for (const [first, second] of [
        ["Y", "Z"],
        ["Z", "Y"],
      ] as const) {
        confirmed
          .when(tell(`${first}Done`))
          .expect({ status: "IN_PROGRESS", waitsFor: `do-${second.toLowerCase()}` })
          .when(tell(`${second}Done`))
          .expect({ status: "COMPLETED", waitsFor: "" });
      }
    });

    it("is COMPENSATED when every step has acknowledged by its undone", () => {
      aborted
        .when(tell("AUndone", because))
        .when(tell("CUndone", because))
        .expect({ status: "COMPENSATING", waitsFor: "do-b" })
        .when(tell("BUndone", because))
        .expect({ status: "COMPENSATED", waitsFor: "" });
    });

    it("is COMPENSATED when a refusal has closed the steps behind it", () => {
      aborted
        .when(tell("BRefused"))
        .expect({ status: "COMPENSATING", waitsFor: "do-a" })
        .when(tell("AUndone", because))
        .expect({ status: "COMPENSATED" });
    });

    it("is FAILED when the first step refused: nothing was ever done", () => {
      begun.when(tell("ARefused")).expect({ status: "FAILED", waitsFor: "" });
      begun
        .when(cancelled)
        .when(tell("ARefused"))
        .expect({ status: "FAILED", decided: "CANCELLED" });
    });

    it("changes nothing after its end", () => {
      const ended = begun.when(tell("ARefused"));
      for (const happening of [tell("AUndone", because), tell("CDone"), cancelled, saidAgain]) {
        assert.equal(ended.when(happening).expect({ says: [], records: [] }).saga, ended.saga);
      }
    });

    it("counts in its history how often it had been said again", () => {
      const { saga } = begun.when(saidAgain).when(saidAgain);
      const event = create(messages.message("ADone"));
      const at = new Date(0);
      const heardLate = transition(alphabet, saga, {
        kind: "outcome",
        state: saga.state,
        event,
        at,
      });
      assert.equal(heardLate.history[0]?.attempt, 3);
    });
  });

  function asking(...steps: readonly string[]): string[] {
    return mode === "orchestrated" ? steps.map((step) => `${step} STARTED`) : [];
  }
}

describe("the state of a saga", () => {
  it("gathers the patches of its outcomes in both modes", () => {
    for (const { coordination } of modes) {
      const { saga } = given(alphabet, { text: "x" }, coordination)
        .when(tell("ADone", { text: "one" }))
        .when(tell("BDone", { text: "two" }));
      const { $typeName: _, ...fields } = decodeState(alphabet, saga.state) as Record<
        string,
        unknown
      > & {
        $typeName: string;
      };
      assert.deepEqual(fields, { text: "x", a: "one", b: "two", c: "", y: "", z: "" });
    }
  });

  it("is that of the furthest success, also when an earlier one comes late", () => {
    const overtaken = given(alphabet, { text: "x" }).when(tell("BDone", { text: "two" }));
    const { saga } = overtaken.when(tell("ADone", { text: "one" }));
    assert.deepEqual(saga.state, overtaken.saga.state);
  });
});
