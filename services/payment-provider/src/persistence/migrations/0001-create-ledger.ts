import { Migration } from "@mikro-orm/migrations";

/**
 * The ledger. Its constraints say what no bug may break: nobody pays a void or declined key, an amount
 * is never negative, and only a pending key waits for a time. Keys are compared by their bytes, so that
 * prefixes are ranges and all processes lock rows in the same order.
 */
export class Migration0001CreateLedger extends Migration {
  override readonly name = "Migration0001CreateLedger";

  override up(): void {
    this.addSql(`
      create table ledger_entry (
        idempotency_key text collate "C" not null primary key,
        status text not null,
        currency_code text,
        minor_units bigint,
        decline_code text not null,
        charge_requests integer not null,
        due_at timestamptz,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        constraint ledger_entry_key_length check (char_length(idempotency_key) between 1 and 255),
        constraint ledger_entry_status
          check (status in ('PENDING', 'CHARGED', 'DECLINED', 'VOID', 'REFUNDED')),
        constraint ledger_entry_minor_units check (minor_units >= 0),
        constraint ledger_entry_currency_code check (currency_code ~ '^[A-Z]{3}$'),
        constraint ledger_entry_amount_unless_void check (
          (status = 'VOID') = (minor_units is null) and (status = 'VOID') = (currency_code is null)
        ),
        constraint ledger_entry_decline_code check ((status = 'DECLINED') = (decline_code <> '')),
        constraint ledger_entry_due_at check ((status = 'PENDING') = (due_at is not null)),
        constraint ledger_entry_charge_requests check (charge_requests >= 0),
        constraint ledger_entry_was_asked_for check (status = 'VOID' or charge_requests > 0)
      )`);
  }

  override down(): void {
    this.addSql("drop table ledger_entry");
  }
}
