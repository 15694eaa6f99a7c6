import { Migration } from "@mikro-orm/migrations";
import { createOutboxTables, dropOutboxTables } from "@ordersaga/outbox";

/** Payments, and the tables of the messages that go in and out. */
export class Migration0001CreatePayment extends Migration {
  override up(): void {
    this.addSql(createPayment);
    this.addSql(createWaitingIndex);
    this.addSql(createSessionIndex);
    this.addSql(createOutboxTables);
  }

  override down(): void {
    this.addSql(dropOutboxTables);
    this.addSql("drop table payment");
  }
}

// A row is written three times as a rule: charging, charged, confirmed. The free space lets the last one
// stay on its page (HOT). The columns from traceparent to saga_state are the context of the next answer.
const createPayment = `
  create table payment (
    saga_id uuid not null,
    session_id text collate "C" not null,
    status text not null
      check (status in ('CHARGING', 'SUCCEEDED', 'DECLINED', 'UNDOING', 'REFUNDED')),
    user_id text,
    currency_code text check (currency_code ~ '^[A-Z]{3}$'),
    minor_units bigint check (minor_units >= 0),
    token text,
    decline_code text,
    cause_code text,
    cause_message text,
    traceparent text not null,
    definition_version integer not null,
    coordination smallint not null,
    saga_state bytea not null,
    attempts integer not null check (attempts >= 0),
    next_call_at timestamptz,
    pending_due_at timestamptz,
    confirmed_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (saga_id, session_id),
    constraint payment_charge_is_whole check (
      num_nonnulls(user_id, currency_code, minor_units, token) in (0, 4)
    ),
    constraint payment_only_a_tombstone_has_no_charge check (
      status = 'REFUNDED' or minor_units is not null
    ),
    constraint payment_decline_code check ((status = 'DECLINED') = (decline_code is not null)),
    constraint payment_cause check (
      (status in ('UNDOING', 'REFUNDED')) = (cause_code is not null)
      and (cause_code is null) = (cause_message is null)
    ),
    constraint payment_waits_for_a_call check (
      (status in ('CHARGING', 'UNDOING')) = (next_call_at is not null)
    ),
    constraint payment_pending_only_while_charging check (
      pending_due_at is null or status = 'CHARGING'
    ),
    constraint payment_confirmed_holds_or_held_money check (
      confirmed_at is null or status in ('SUCCEEDED', 'UNDOING', 'REFUNDED')
    )
  ) with (fillfactor = 70)
`;

/** For the scanner: payments in the order in which something is due for them. */
const createWaitingIndex = `
  create index payment_waiting on payment (least(next_call_at, pending_due_at))
  where status in ('CHARGING', 'UNDOING')
`;

const createSessionIndex = "create index payment_of_session on payment (session_id, saga_id)";
