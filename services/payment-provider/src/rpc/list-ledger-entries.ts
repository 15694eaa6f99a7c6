import type { PaymentProviderService } from "@ordersaga/gen/payment_provider/v1/payment_provider_service";
import type { Database } from "@ordersaga/outbox";
import { decodePageToken, encodePageToken, type Handlers, pageSizeOf } from "@ordersaga/rpc";

import { readLedger } from "../use-cases/read-ledger.ts";
import { ledgerEntryMessage, statusFilterOf } from "./ledger-entry-message.ts";
import { storableText } from "./storable-text.ts";

/** `ListLedgerEntries`: pages in the order of the keys. */
export function createListLedgerEntries(
  database: Database,
): Handlers<typeof PaymentProviderService>["listLedgerEntries"] {
  return async (request) => {
    const keyPrefix = storableText(request.keyPrefix, "key_prefix");
    const filter = { list: "ledger-entries", status: request.status, keyPrefix };
    const [after = ""] = decodePageToken(request.pageToken, { filter, key: [anyKey] }) ?? [];
    const pageSize = pageSizeOf(request.pageSize, { default: 50, max: 10_000 });
    const entries = await readLedger(database, {
      keyPrefix,
      status: statusFilterOf(request.status),
      after,
      limit: pageSize + 1,
    });
    const shown = entries.slice(0, pageSize);
    const last = shown.at(-1);
    const isLastPage = entries.length <= pageSize || last === undefined;
    return {
      entries: shown.map(ledgerEntryMessage),
      nextPageToken: isLastPage ? "" : encodePageToken({ key: [last.key], filter }),
    };
  };
}

// oxlint-disable-next-line no-control-regex -- PostgreSQL refuses NUL in text.
const anyKey = /^[^\u0000]{1,255}$/u;
