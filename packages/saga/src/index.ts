export {
  type AbortRequest,
  type AbortResult,
  type Begin,
  type Coordinator,
  type CoordinatorLog,
  type CoordinatorOptions,
  createCoordinator,
  type DecidedAs,
} from "./coordinator/coordinator.ts";
export { type Cause, causeOf } from "./definition/cause.ts";
export { defineSaga } from "./definition/define-saga.ts";
export type { ProgressOf, SagaDefinition } from "./definition/definition.ts";
export type { AbortedAs, SagaLimits, TimeLimit } from "./definition/limits.ts";
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
