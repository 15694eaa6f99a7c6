import assert from "node:assert/strict";
import { test } from "node:test";

import { waitFor } from "./wait-for.ts";

test("waiting ends with the first value that is something", async () => {
  const values = [undefined, null, false, 0, 7];
  assert.equal(await waitFor(() => values.shift(), { withinMs: 2000, everyMs: 1 }), 0);
});

test("what is thrown meanwhile is the cause when the time is over", async () => {
  const mistake = new Error("not yet");
  const waiting = waitFor(() => Promise.reject(mistake), { withinMs: 5, describe: "the moon" });
  await assert.rejects(waiting, { message: "waited 5 ms in vain for the moon", cause: mistake });
});
