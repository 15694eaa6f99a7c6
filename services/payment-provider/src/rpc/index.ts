import { PaymentProviderService } from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import type { Database } from "@ordersaga/outbox";
import { serve, type ServedService } from "@ordersaga/rpc";
import type { Logger } from "@ordersaga/telemetry";

import type { Perform } from "../use-cases/perform.ts";
import { createCancel } from "./cancel.ts";
import { createCharge } from "./charge.ts";
import { createExecute } from "./execute.ts";
import { createGetLedgerTotals } from "./get-ledger-totals.ts";
import { createListLedgerEntries } from "./list-ledger-entries.ts";

/** Everything that the provider offers to callers. */
export function providerService(options: {
  readonly perform: Perform;
  readonly database: Database;
  readonly log: Logger;
}): ServedService {
  const { perform, database, log } = options;
  return serve(
    PaymentProviderService,
    {
      charge: createCharge(perform),
      cancel: createCancel(perform),
      execute: createExecute(perform, log),
      listLedgerEntries: createListLedgerEntries(database),
      getLedgerTotals: createGetLedgerTotals(database),
    },
    { needsSession: false },
  );
}
