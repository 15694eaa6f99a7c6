import type { PaymentProviderService } from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import type { Handlers } from "@ordersaga/rpc";

import type { Perform } from "../use-cases/perform.ts";
import { cancelOf } from "./instructions.ts";
import { ledgerEntryMessage } from "./ledger-entry-message.ts";

/** `Cancel`: works for every key, whatever its token did. */
export function createCancel(perform: Perform): Handlers<typeof PaymentProviderService>["cancel"] {
  return async (request) => {
    const parts = await Promise.all(perform([cancelOf(request)]));
    const [outcome] = parts.flat();
    if (outcome?.kind !== "answered") {
      throw new Error("a cancel came to no answer");
    }
    return { entry: ledgerEntryMessage(outcome.entry) };
  };
}
