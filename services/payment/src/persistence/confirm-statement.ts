import type { UnitOfWork } from "@ordersaga/outbox";

import type { PaymentKey } from "../domain/decide-set.ts";
import { updateByKey } from "./update-by-key.ts";

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

const confirm = {
  name: "payment.confirm",
  text: updateByKey({
    where: "p.confirmed_at is null",
    set: { confirmed_at: "$3::timestamptz" },
  }),
};
