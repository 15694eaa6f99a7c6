import type {
  CancelRequest,
  ChargeRequest,
  Instruction as InstructionMessage,
} from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import { invalidArgument } from "@ordersaga/kernel";

import type { Instruction } from "../domain/instruction.ts";
import { storableText } from "./storable-text.ts";

/** The instruction that a request stands for; `path` is where the request is in what was sent. */
export function chargeOf(request: ChargeRequest, path = ""): Instruction {
  const { amount, token } = request;
  if (amount === undefined) {
    throw invalidArgument({ field: `${path}amount`, description: "is required" });
  }
  const { currencyCode, minorUnits } = amount;
  return { kind: "charge", key: keyOf(request, path), amount: { currencyCode, minorUnits }, token };
}

export function cancelOf(request: CancelRequest, path = ""): Instruction {
  return { kind: "cancel", key: keyOf(request, path) };
}

export function instructionsOf(messages: readonly InstructionMessage[]): readonly Instruction[] {
  return messages.map(({ instruction }, index) => {
    const path = `instructions[${index}].`;
    if (instruction.case === "charge") {
      return chargeOf(instruction.value, `${path}charge.`);
    }
    if (instruction.case === "cancel") {
      return cancelOf(instruction.value, `${path}cancel.`);
    }
    throw invalidArgument({ field: `${path}instruction`, description: "is required" });
  });
}

function keyOf({ idempotencyKey }: ChargeRequest | CancelRequest, path: string): string {
  return storableText(idempotencyKey, `${path}idempotency_key`);
}
