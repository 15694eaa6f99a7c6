import { Coordination } from "@ordersaga/gen/saga/v1/saga";
import { subjectOf } from "@ordersaga/outbox";

import type { CommandStep, SagaDefinition } from "../definition/definition.ts";
import { type FactKind, type Outcome, planOf } from "../definition/plan.ts";

/**
 * The definition as a Mermaid sequence diagram in one of its two modes: the way to the decision, every
 * refusal with its undo, and what follows the decision. It is drawn from the definition alone.
 */
export function sagaDiagram(definition: SagaDefinition, coordination: Coordination): string {
  const { pivot } = planOf(definition);
  const lines = [
    "sequenceDiagram",
    ...participants(definition).map((owner) => `  participant ${owner}`),
    ...forward(definition, coordination),
    `  Note over ${pivot.owner}: ${pivot.name}`,
    ...afterwards(definition, coordination),
    ...refusals(definition, coordination),
  ];
  return `${lines.join("\n")}\n`;
}

type Arrow = { readonly from: string; readonly to: string; readonly says: string };

function participants({ steps }: SagaDefinition): string[] {
  const pivot = steps.filter(({ kind }) => kind === "pivot");
  return [...new Set([...pivot, ...steps].map(({ owner }) => owner))];
}

/** Every step's success, up to the decision. */
function forward(definition: SagaDefinition, coordination: Coordination): string[] {
  const { compensatable, pivot, outcomes } = planOf(definition);
  const from = pivot.owner;
  return compensatable.flatMap((step, index) => {
    const before = compensatable[index - 1];
    const asks = isOrchestrated(coordination)
      ? arrow({ from, to: step.owner, says: wordOf(step.command.input) })
      : heardFrom(step, before);
    const waits = told(outcomes, step, "pending").map((says) =>
      arrow({ from: step.owner, to: from, says: `${says} (not final)` }, "-->>"),
    );
    const answers = told(outcomes, step, "succeeded").map((says) =>
      arrow({ from: step.owner, to: from, says }),
    );
    return [asks, ...waits, ...answers];
  });

  function heardFrom(step: CommandStep, before: CommandStep | undefined): string {
    const [says = ""] =
      before === undefined
        ? [wordOf(definition.announces.begun.event)]
        : told(outcomes, before, "succeeded");
    return arrow({ from: before?.owner ?? from, to: step.owner, says });
  }
}

/** What follows the decision for the saga. */
function afterwards(definition: SagaDefinition, coordination: Coordination): string[] {
  const { pivot, retriable, outcomes } = planOf(definition);
  return retriable.flatMap((step) => {
    const asked = isOrchestrated(coordination)
      ? step.command.input
      : definition.announces.confirmed.event;
    return [
      arrow({ from: pivot.owner, to: step.owner, says: wordOf(asked) }),
      ...told(outcomes, step, "succeeded").map((says) =>
        arrow({ from: step.owner, to: pivot.owner, says }),
      ),
    ];
  });
}

/** Each refusal, and the end of the saga by limit or request, with the undos that follow. */
function refusals(definition: SagaDefinition, coordination: Coordination): string[] {
  const { compensatable, pivot, outcomes } = planOf(definition);
  const refused = compensatable.flatMap((step, index) =>
    told(outcomes, step, "refused").flatMap((says) => [
      `  opt ${step.name} refuses`,
      `  ${arrow({ from: step.owner, to: pivot.owner, says })}`,
      ...undos(definition, coordination, index).map((line) => `  ${line}`),
      "  end",
    ]),
  );
  return [
    ...refused,
    "  opt cancelled, or out of time",
    ...undos(definition, coordination, compensatable.length).map((line) => `  ${line}`),
    "  end",
  ];
}

/** The undos of the first so many steps, newest first. */
function undos(definition: SagaDefinition, coordination: Coordination, count: number): string[] {
  const { compensatable, pivot, outcomes } = planOf(definition);
  return compensatable
    .slice(0, count)
    .toReversed()
    .flatMap((step) => {
      const asked = isOrchestrated(coordination)
        ? step.undo.command.input
        : definition.announces.aborted.event;
      return [
        arrow({ from: pivot.owner, to: step.owner, says: wordOf(asked) }),
        ...told(outcomes, step, "undone").map((says) =>
          arrow({ from: step.owner, to: pivot.owner, says }),
        ),
      ];
    });
}

function told(outcomes: readonly Outcome[], step: CommandStep, fact: FactKind): string[] {
  return outcomes
    .filter((outcome) => outcome.step === step && outcome.fact === fact)
    .map(({ type }) => wordOf(type));
}

function arrow({ from, to, says }: Arrow, line = "->>"): string {
  return `  ${from}${line}${to}: ${says}`;
}

/** The last word of a message's subject, such as `order-created`. */
function wordOf(type: Outcome["type"]): string {
  return subjectOf(type).split(".").at(-1) ?? "";
}

function isOrchestrated(coordination: Coordination): boolean {
  return coordination === Coordination.ORCHESTRATION;
}
