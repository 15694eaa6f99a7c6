import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type ExecuteResponseSchema,
  PaymentProviderService,
} from "@ordersaga/gen/payment_provider/v1/payment_provider_service";

import type { CallContext, ServedService } from "../handler.ts";
import { serve } from "../serve.ts";

/** A provider without a ledger, for tests: `execute` is the test's, everything else answers nothing. */
export function fakeProvider(
  execute: (
    context: CallContext,
  ) => AsyncIterable<MessageInitShape<typeof ExecuteResponseSchema>> = nothingStreamed,
): ServedService {
  return serve(
    PaymentProviderService,
    {
      charge: nothing,
      cancel: nothing,
      execute: (_request, context) => execute(context),
      listLedgerEntries: nothing,
      getLedgerTotals: nothing,
    },
    { needsSession: false },
  );
}

async function nothing(): Promise<object> {
  return {};
}

async function* nothingStreamed(): AsyncGenerator<object> {}
