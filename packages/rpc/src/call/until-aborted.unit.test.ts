import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { untilAborted } from "./until-aborted.ts";

describe("A source until aborted", () => {
  test("yields what the source yields, to its end", async () => {
    const { signal } = new AbortController();
    assert.deepEqual(await Array.fromAsync(untilAborted(count(3), signal)), [1, 2, 3]);
  });

  test("throws what the source throws", async () => {
    const { signal } = new AbortController();
    const failing = untilAborted(count(1, new Error("broken")), signal);
    await assert.rejects(Array.fromAsync(failing), { message: "broken" });
  });

  test("throws the signal's reason while the source never wakes", async () => {
    const controller = new AbortController();
    const items = untilAborted(stuck(), controller.signal);
    assert.deepEqual(await items.next(), { done: false, value: 1 });
    const next = items.next();
    controller.abort(new Error("enough"));
    await assert.rejects(next, { message: "enough" });
  });

  test("does not begin when it is too late", async () => {
    const items = untilAborted(stuck(), AbortSignal.abort(new Error("enough")));
    await assert.rejects(items.next(), { message: "enough" });
  });

  test("ends the source when nobody asks any more, and when it is aborted in between", async () => {
    for (const how of ["left", "aborted"]) {
      const controller = new AbortController();
      const ended = Promise.withResolvers<void>();
      const items = untilAborted(watched(ended.resolve), controller.signal);
      await items.next();
      if (how === "left") {
        await items.return();
      } else {
        controller.abort();
      }
      await ended.promise;
    }
  });
});

async function* count(last: number, failure?: Error): AsyncGenerator<number> {
  for (let number = 1; number <= last; number++) {
    yield number;
  }
  if (failure !== undefined) {
    throw failure;
  }
}

async function* stuck(): AsyncGenerator<number> {
  yield 1;
  await new Promise(() => {});
}

async function* watched(onEnd: () => void): AsyncGenerator<number> {
  try {
    while (true) {
      yield 1;
    }
  } finally {
    onEnd();
  }
}
