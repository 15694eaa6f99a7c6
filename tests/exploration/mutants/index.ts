import { derivedDecision } from "./01-derived-decision.ts";
import { parkedBehindADeadLetter } from "./02-parked-behind-a-dead-letter.ts";
import { refusalNotRecorded } from "./03-refusal-not-recorded.ts";
import { undoByLookingUp } from "./04-undo-by-looking-up.ts";
import { undoneWhileCharging } from "./05-undone-while-charging.ts";
import { paymentGivesUp } from "./06-payment-gives-up.ts";
import { undoneDecidesNothing } from "./07-undone-decides-nothing.ts";
import { repeatedEnvelopeId } from "./08-repeated-envelope-id.ts";
import { callBeforeCommit } from "./09-call-before-commit.ts";
import { nobodyResumesACall } from "./10-nobody-resumes-a-call.ts";
import { keyOfTheAttempt, refundWithoutKey } from "./11-unstable-keys.ts";
import { forgottenKeys } from "./12-forgotten-keys.ts";
import { purgedRecords } from "./13-purged-records.ts";
import { readBeforeLock } from "./14-read-before-lock.ts";
import { refundBehindTheSagasBack } from "./15-refund-behind-the-sagas-back.ts";
import type { Mutant } from "./mutant.ts";

/** Every rule of the protocol, switched off one at a time, by the trace that it keeps closed. */
export const mutants: readonly Mutant[] = [
  derivedDecision,
  parkedBehindADeadLetter,
  refusalNotRecorded,
  undoByLookingUp,
  undoneWhileCharging,
  paymentGivesUp,
  undoneDecidesNothing,
  repeatedEnvelopeId,
  callBeforeCommit,
  nobodyResumesACall,
  keyOfTheAttempt,
  refundWithoutKey,
  forgottenKeys,
  purgedRecords,
  readBeforeLock,
  refundBehindTheSagasBack,
];
