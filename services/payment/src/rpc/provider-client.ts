import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type InstructionSchema,
  type LedgerEntry,
  LedgerStatus,
  PaymentProviderService,
} from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import { createRpcClient } from "@ordersaga/rpc";

import type { ProviderAnswer } from "../domain/payment.ts";
import { type OpenCall, providerKeyOf } from "../domain/provider-call.ts";
import type { Converse } from "../use-cases/provider-caller.ts";

/** The payment provider as it is reached over the network. Dispose it to close its connection. */
export type ProviderClient = Disposable & { readonly converse: Converse };

/** Makes a client that asks many calls in one stream, each of which ends within the time limit. */
export function createProviderClient(options: {
  readonly baseUrl: string;
  readonly timeoutMs: number;
}): ProviderClient {
  const client = createRpcClient(PaymentProviderService, options);
  return {
    converse: async function* (calls, signal) {
      const instructions = calls.map(instructionOf);
      for await (const { entries } of client.execute({ instructions }, { signal })) {
        yield entries.flatMap(replyOf);
      }
    },
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
}

function instructionOf(open: OpenCall): MessageInitShape<typeof InstructionSchema> {
  const idempotencyKey = providerKeyOf(open);
  if (open.call === "cancel") {
    return { instruction: { case: "cancel", value: { idempotencyKey } } };
  }
  const { amount, token } = open.charge;
  return { instruction: { case: "charge", value: { idempotencyKey, amount, token } } };
}

function replyOf(entry: LedgerEntry) {
  const answer = answerOf(entry);
  return answer === undefined ? [] : [{ key: entry.idempotencyKey, answer }];
}

/** What an entry of the ledger tells. A status that this version does not know is no answer. */
export function answerOf({
  status,
  declineCode,
}: Pick<LedgerEntry, "status" | "declineCode">): ProviderAnswer | undefined {
  switch (status) {
    case LedgerStatus.CHARGED:
      return { kind: "charged" };
    case LedgerStatus.DECLINED:
      return { kind: "declined", declineCode };
    case LedgerStatus.VOID:
    case LedgerStatus.REFUNDED:
      return { kind: "undone" };
    case LedgerStatus.PENDING:
      return { kind: "undecided" };
    default:
      return undefined;
  }
}
