import type { TestEvent } from "node:test/reporters";

/** How one test of a file ended. */
export type TestResult = {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
};

/** A reporter for `node:test` that writes one JSON line for each test; suites are no tests. */
// The runner takes a reporter only as the default export of its file.
// oxlint-disable-next-line import/no-default-export
export default async function* reportResults(
  source: AsyncIterable<TestEvent>,
): AsyncGenerator<string> {
  for await (const event of source) {
    if (event.type !== "test:pass" && event.type !== "test:fail") {
      continue;
    }
    const outcome = outcomeOf(event);
    if (outcome !== undefined) {
      yield `${JSON.stringify({ name: event.data.name, outcome } satisfies TestResult)}\n`;
    }
  }
}

type Ended = Extract<TestEvent, { type: "test:pass" | "test:fail" }>;

function outcomeOf(event: Ended): TestResult["outcome"] | undefined {
  if (event.type === "test:pass") {
    const { skip, todo, details } = event.data;
    if (isSet(skip) || isSet(todo)) {
      return "skipped";
    }
    return details.type === "suite" ? undefined : "passed";
  }
  const { error } = event.data.details;
  // It failed because of a test in it, which was reported on its own.
  const isInherited = "failureType" in error && error.failureType === "subtestsFailed";
  return isInherited ? undefined : "failed";
}

function isSet(mark: string | boolean | undefined): boolean {
  return mark !== undefined && mark !== false;
}
