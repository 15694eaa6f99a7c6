import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Answers } from "./answers.ts";

describe("answers", () => {
  it("are sent at once", () => {
    const { answers, sent } = recorded();
    answers.give(sent);
    assert.equal(sent.count(), 1);
  });

  it("wait while they are held, and are sent once when they are released", () => {
    const { answers, sent } = recorded();
    answers.hold();
    answers.give(sent);
    answers.give(sent);
    assert.equal(sent.count(), 0);
    answers.release();
    answers.release();
    assert.equal(sent.count(), 2);
  });

  it("are dropped, those that waited and all later ones", () => {
    const { answers, sent } = recorded();
    answers.hold();
    answers.give(sent);
    answers.drop();
    answers.hold();
    answers.give(sent);
    answers.release();
    assert.equal(sent.count(), 0);
  });

  it("belong to a consumer whose time of creation was written to disk a moment later", () => {
    const { answers } = recorded();
    assert.ok(answers.isForConsumerOf("2026-11-21T10:33:27.91076797Z"));
    assert.ok(!answers.isForConsumerOf("2026-11-21T10:33:28.91076797Z"));
  });
});

function recorded() {
  let count = 0;
  const sent = Object.assign(() => void count++, { count: () => count });
  return { answers: new Answers("2026-11-21T10:33:27.910610707Z"), sent };
}
