import type { PaymentProviderService } from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import { AppError, TransientError } from "@ordersaga/kernel";
import type { Handlers } from "@ordersaga/rpc";

import type { Perform } from "../use-cases/perform.ts";
import { chargeOf } from "./instructions.ts";
import { ledgerEntryMessage } from "./ledger-entry-message.ts";

type ProviderHandlers = Handlers<typeof PaymentProviderService>;

/** `Charge`: an answer that is to be lost keeps the caller waiting until its deadline. */
export function createCharge(perform: Perform): ProviderHandlers["charge"] {
  return async (request, { signal }) => {
    const parts = await Promise.all(perform([chargeOf(request)]));
    const [outcome] = parts.flat();
    if (outcome?.kind === "answered") {
      return { entry: ledgerEntryMessage(outcome.entry) };
    }
    if (outcome?.kind === "answer-lost") {
      await abortOf(signal);
      throw new AppError({ code: "DEADLINE_EXCEEDED", message: "the answer was lost" });
    }
    throw outcome?.kind === "key-reused"
      ? keyReused()
      : new TransientError("the bank behind this token cannot be reached");
  };
}

function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    } else {
      signal.addEventListener("abort", () => resolve(), { once: true });
    }
  });
}

function keyReused(): AppError {
  return new AppError({
    code: "ALREADY_EXISTS",
    message: "this idempotency key stands for a charge of another amount",
    reason: "IDEMPOTENCY_KEY_REUSED",
  });
}
