export type {
  AbortRequest,
  AbortResult,
  Begin,
  Coordinator,
  CoordinatorLog,
  CoordinatorOptions,
  SayAgainRequest,
  SayAgainResult,
} from "./coordinator/coordinator.ts";
export { createCoordinator } from "./coordinator/create-coordinator.ts";
export { coordinationOf, type StoredCoordination } from "./coordinator/saga-row.ts";
export { historyOf, type StoredHistoryEntry } from "./coordinator/stored-history.ts";
export { checkProgress, createSagaTable, dropSagaTable } from "./coordinator/saga-table.ts";
export { type Cause, causeOf } from "./definition/cause.ts";
export { defineSaga } from "./definition/define-saga.ts";
export type { ProgressOf, SagaDefinition, UndoOrder } from "./definition/definition.ts";
export type { AbortedAs, SagaLimits, TimeLimit } from "./definition/limits.ts";
export { type FactKind, type Outcome, type Plan, planOf } from "./definition/plan.ts";
export { sagaDiagram } from "./diagram/saga-diagram.ts";
export { participate } from "./participant/participate.ts";
export type {
  AnswerOf,
  HandlersOf,
  OwnersOf,
  Participant,
  StepHandler,
  StepNamesOf,
  StepRequest,
} from "./participant/participant.ts";
export { type Asked, type Trigger, triggersOf } from "./participant/triggers.ts";
export { beginSaga } from "./transition/begin-saga.ts";
export type {
  DecidedAs,
  Decision,
  Effect,
  Fact,
  HistoryEntry,
  Saga,
  SagaStatus,
  Standing,
  StepStatus,
  Transition,
} from "./transition/saga.ts";
export { sayings } from "./transition/sayings.ts";
export { type Insight, insightOf, isEnd } from "./transition/insight.ts";
export { type SagaInput, transition } from "./transition/transition.ts";
