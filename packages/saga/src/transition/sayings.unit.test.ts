import { describe, it } from "node:test";

import { Coordination } from "@ordersaga/gen/saga/v1/saga";

import { alphabet, alphabetSaga, messages } from "../testing/alphabet.ts";
import { asked, given, type Happening, heard, saidAgain } from "../testing.ts";

const because = { cause: { code: "TOLD_SO", message: "Somebody told so." } };
const cancelled = asked("CANCELLED", { code: "CHANGED_MIND", message: "" });

function tell(name: string, init: Record<string, unknown> = {}): Happening {
  return heard(messages.message(name), init);
}

describe("what a choreographed saga says", () => {
  const begun = given(alphabet, { text: "x" });

  it("is one announcement when it begins and one when it is decided", () => {
    begun.expect({ says: ["begun"] });
    begun.when(tell("ADone")).expect({ says: [] });
    begun.when(tell("CDone")).expect({ says: ["confirmed"] });
    begun.when(cancelled).expect({ says: ["aborted"] });
    begun.when(tell("ARefused")).expect({ says: ["aborted"], status: "FAILED" });
  });

  it("is computed from its row when it is said again", () => {
    begun.when(saidAgain).expect({ says: ["begun"] });
    begun
      .when(tell("BDone"))
      .when(saidAgain)
      .expect({ says: ["begun"] });
    begun
      .when(tell("CDone"))
      .when(saidAgain)
      .expect({ says: ["confirmed"] });
    begun
      .when(cancelled)
      .when(saidAgain)
      .expect({ says: ["aborted"] });
    begun
      .when(cancelled)
      .when(tell("AUndone", because))
      .when(saidAgain)
      .expect({ says: ["aborted"] });
  });
});

describe("what an orchestrated saga says", () => {
  const begun = given(alphabet, { text: "x" }, Coordination.ORCHESTRATION);

  it("is the do of the first step whose success is not known", () => {
    begun.expect({ says: ["begun", "do-a"] });
    begun.when(saidAgain).expect({ says: ["do-a"] });
    begun
      .when(tell("ADone"))
      .expect({ says: ["do-b"] })
      .when(saidAgain)
      .expect({ says: ["do-b"] });
    begun.when(tell("BDone")).expect({ says: ["do-c"] });
    begun
      .when(tell("AWaiting"))
      .expect({ says: [] })
      .when(saidAgain)
      .expect({ says: ["do-a"] });
  });

  it("is every retriable step once it is confirmed, and those that are left", () => {
    const confirmed = begun.when(tell("CDone"));
    confirmed.expect({ says: ["confirmed", "do-y", "do-z"] });
    confirmed
      .when(tell("YDone"))
      .expect({ says: [] })
      .when(saidAgain)
      .expect({ says: ["do-z"] });
  });

  it("is the undo of every step not acknowledged, all together", () => {
    const aborted = begun.when(cancelled);
    aborted.expect({ says: ["aborted", "undo-c", "undo-b", "undo-a"] });
    aborted
      .when(tell("BUndone", because))
      .expect({ says: [] })
      .when(saidAgain)
      .expect({ says: ["undo-c", "undo-a"] });
    begun.when(tell("BRefused")).expect({ says: ["aborted", "undo-a"] });
  });

  it("is one undo after the other, newest first, when the definition says so", () => {
    given(alphabetSaga({ undoOrder: "newest-first" }), { text: "x" }, Coordination.ORCHESTRATION)
      .when(cancelled)
      .expect({ says: ["aborted", "undo-c"] })
      .when(tell("AUndone", because))
      .expect({ says: [] })
      .when(tell("CUndone", because))
      .expect({ says: ["undo-b"] })
      .when(saidAgain)
      .expect({ says: ["undo-b"] })
      .when(tell("BUndone", because))
      .expect({ says: [], status: "COMPENSATED" });
  });
});
