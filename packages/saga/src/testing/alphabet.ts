import type { Message } from "@bufbuild/protobuf";

import { checkDefinition } from "../definition/check-definition.ts";
import type {
  CommandStep,
  Rule,
  SagaDefinition,
  Step,
  UndoOrder,
} from "../definition/definition.ts";
import type { SagaLimits } from "../definition/limits.ts";
import { type AlphabetMessages, describeAlphabet } from "./alphabet-messages.ts";

/** The steps A, B and C can be undone, `pivot` decides, Y and Z are repeated until they succeed. */
export const messages = describeAlphabet(["A", "B", "C", "Y", "Z"]);

export const alphabetLimits: SagaLimits = {
  undecided: {
    withinMs: 1_000,
    decides: "CANCELLED",
    cause: { code: "TOO_SLOW", message: "It took too long." },
  },
  waits: {
    letter: {
      withinMs: 10_000,
      decides: "FAILED",
      cause: { code: "WAITED_TOO_LONG", message: "The letter never came." },
    },
  },
  alarmAfterMs: 60_000,
  replyWithinMs: 500,
  recovery: { attempts: 1, firstMs: 200, factor: 2, maxMs: 5_000, jitter: 0 },
  retry: { attempts: 3, firstMs: 10, factor: 2, maxMs: 100, jitter: 0 },
};

/** A saga of five steps that belongs to nobody: every step is owned by a service of its own name. */
export const alphabet = alphabetSaga({});

/** The same saga with another version, undo order or limits. */
export function alphabetSaga(options: {
  readonly version?: number;
  readonly undoOrder?: UndoOrder;
  readonly limits?: SagaLimits;
}): SagaDefinition {
  const { version = 1, undoOrder = "together", limits = alphabetLimits } = options;
  return checkDefinition({
    name: "alphabet",
    version,
    undoOrder,
    limits,
    state: messages.message("State"),
    progress: ["BEGUN", "A_DONE", "B_DONE", "B_WAITING", "CONFIRMED", "FAILED", "CANCELLED"],
    announces: {
      begun: {
        event: messages.message("Begun"),
        as: "BEGUN",
        payload: (state) => ({ text: textOf(state) }),
        state: (payload) => ({ text: textOf(payload) }),
      },
      confirmed: { event: messages.message("Confirmed"), as: "CONFIRMED", payload: () => ({}) },
      aborted: {
        event: messages.message("Aborted"),
        as: { FAILED: "FAILED", CANCELLED: "CANCELLED" },
        payload: ({ cause }) => ({ cause }),
        cause: (payload) => ("cause" in payload ? (payload.cause as undefined) : undefined),
      },
    },
    steps: [
      compensatable(messages, "A", "A_DONE"),
      compensatable(messages, "B", "B_DONE"),
      compensatable(messages, "C"),
      { kind: "pivot", name: "pivot", owner: "coordinator" },
      { kind: "retriable", ...commandStep(messages, "Y"), outcomes: outcomesOf("Y", false) },
      { kind: "retriable", ...commandStep(messages, "Z"), outcomes: outcomesOf("Z", false) },
    ],
  });
}

/** The step's name for a letter. */
export function stepOf(letter: string): string {
  return `do-${letter.toLowerCase()}`;
}

function compensatable(from: AlphabetMessages, letter: string, as?: string): Step {
  return {
    kind: "compensatable",
    ...commandStep(from, letter),
    outcomes: outcomesOf(letter, true, as),
    undo: { command: from.command(`Undo${letter}`), request: ({ cause }) => ({ cause }) },
  };
}

function commandStep(from: AlphabetMessages, letter: string): Omit<CommandStep, "outcomes"> {
  return {
    name: stepOf(letter),
    owner: letter,
    command: from.command(`Do${letter}`),
    request: (state) => ({ text: textOf(state) }),
  };
}

/** The letter's own field of the state takes the text of its success. */
function outcomesOf(letter: string, canAbort: boolean, as?: string): Record<string, Rule> {
  const label = as === undefined ? {} : { as };
  return {
    done: { advance: (outcome) => ({ [letter.toLowerCase()]: textOf(outcome) }), ...label },
    refused: canAbort
      ? { abort: (outcome) => ({ code: `${letter}_REFUSED`, message: textOf(outcome) }) }
      : { advance: () => ({}), ...label },
    waiting: { wait: "letter", ...(letter === "B" ? { as: "B_WAITING" } : {}) },
  };
}

function textOf(message: Message): string {
  return "text" in message ? String(message.text) : "";
}
