import type { Statement } from "@ordersaga/outbox";

/** Makes everything due that is open with the provider: whoever was calling it may be dead. */
export const makeCallsDue: Statement<never> = {
  name: "payment.make-calls-due",
  text: `
    update payment set next_call_at = $1
    where (saga_id, session_id) in (
      select saga_id, session_id from payment
      where status in ('CHARGING', 'UNDOING') and next_call_at > $1
      order by saga_id, session_id
      for update skip locked
    )
  `,
};
