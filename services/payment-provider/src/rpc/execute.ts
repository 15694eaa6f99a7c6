import type { PaymentProviderService } from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import type { Handlers } from "@ordersaga/rpc";
import type { Logger } from "@ordersaga/telemetry";

import { asTheyComplete } from "../use-cases/as-they-complete.ts";
import type { Perform } from "../use-cases/perform.ts";
import { instructionsOf } from "./instructions.ts";
import { ledgerEntryMessage } from "./ledger-entry-message.ts";

/**
 * `Execute`: one message for all that is known at once and one for what takes longer. Left out are charges
 * whose answer is lost, whose token is unreachable, or whose key stands for another amount.
 */
export function createExecute(
  perform: Perform,
  log: Logger,
): Handlers<typeof PaymentProviderService>["execute"] {
  return async function* execute({ instructions }) {
    for await (const outcomes of asTheyComplete(perform(instructionsOf(instructions)))) {
      const entries = outcomes.flatMap((outcome) =>
        outcome.kind === "answered" ? [ledgerEntryMessage(outcome.entry)] : [],
      );
      const reused = outcomes.filter(({ kind }) => kind === "key-reused");
      if (reused.length > 0) {
        log.warn({ reused: reused.length }, "keys were reused for another amount");
      }
      if (entries.length > 0) {
        yield { entries };
      }
    }
  };
}
