import type { Database } from "@ordersaga/outbox";

import type { PaymentKey } from "../domain/decide-set.ts";
import type { PaymentStatus } from "../domain/payment.ts";
import { PaymentRecord } from "../persistence/payment.entity.ts";

/** Reads the payment of a saga; without a session, of whichever session has it. */
export async function findPayment(
  database: Database,
  key: { readonly sagaId: string; readonly sessionId: string | undefined },
): Promise<PaymentRecord | undefined> {
  const { sagaId, sessionId } = key;
  const where = sessionId === undefined ? { sagaId } : { sagaId, sessionId };
  const orderBy = { sessionId: "asc" } as const;
  return (await database.em().findOne(PaymentRecord, where, { orderBy })) ?? undefined;
}

/**
 * Reads one page of payments, the newest saga first (saga ids grow with time); without a session, those
 * of all sessions.
 */
export async function listPayments(
  database: Database,
  page: {
    readonly sessionId: string | undefined;
    readonly status: PaymentStatus | undefined;
    /** Only those behind this one. */
    readonly after: PaymentKey | undefined;
    readonly limit: number;
  },
): Promise<readonly PaymentRecord[]> {
  const { sessionId, status, after, limit } = page;
  const where = {
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(status === undefined ? {} : { status }),
    ...(after === undefined ? {} : behind(after)),
  };
  return await database.em().find(PaymentRecord, where, {
    orderBy: { sagaId: "desc", sessionId: "desc" },
    limit,
    disableIdentityMap: true,
  });
}

function behind({ sagaId, sessionId }: PaymentKey) {
  return {
    sagaId: { $lte: sagaId },
    $or: [{ sagaId: { $lt: sagaId } }, { sessionId: { $lt: sessionId } }],
  };
}
