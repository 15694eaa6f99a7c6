export type { IncomingEvent, Reaction } from "./reaction.ts";
export type {
  EventContext,
  OutgoingEvent,
  Statement,
  UnitOfWork,
  UnitsOfWork,
} from "./unit-of-work.ts";
