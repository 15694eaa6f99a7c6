import type { Statement, UnitOfWork } from "@ordersaga/outbox";

import type { PaymentKey } from "../domain/decide-set.ts";
import { lockedPayments } from "./locked-payments.ts";

/** Notes that the orders of these payments were confirmed. What was noted before stays as it is. */
export async function confirmPayments(
  uow: UnitOfWork,
  keys: readonly PaymentKey[],
  now: Date,
): Promise<void> {
  await uow.query(confirm, [
    keys.map(({ sagaId }) => sagaId),
    keys.map(({ sessionId }) => sessionId),
    now,
  ]);
}

const confirm: Statement<never> = {
  name: "payment.confirm",
  text: `
    update payment p set confirmed_at = $3::timestamptz
    from (${lockedPayments("p.saga_id, p.session_id")}) locked
    where p.saga_id = locked.saga_id and p.session_id = locked.session_id
      and p.confirmed_at is null
  `,
};
