import { Migration } from "@mikro-orm/migrations";
import { createOutboxTables, dropOutboxTables } from "@ordersaga/outbox";

/** Products, reservations, and the tables of the messages that go in and out. */
export class Migration0001CreateInventory extends Migration {
  override up(): void {
    this.addSql(createProduct);
    this.addSql(createReservation);
    this.addSql(createOutboxTables);
  }

  override down(): void {
    this.addSql(dropOutboxTables);
    this.addSql("drop table reservation");
    this.addSql("drop table product");
  }
}

// Half of every page stays free, so that a new version of a hot row fits beside the old one (HOT) and no
// index is touched. Ids compare as bytes: the same order in every locale, which is the lock order.
const createProduct = `
  create table product (
    session_id text collate "C" not null,
    id text collate "C" not null,
    name text not null,
    price_minor bigint not null check (price_minor >= 0),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    available bigint not null check (available >= 0),
    reserved bigint not null default 0 check (reserved >= 0),
    sold bigint not null default 0 check (sold >= 0),
    version bigint not null default 1,
    primary key (session_id, id)
  ) with (fillfactor = 50)
`;

// A row is written twice as a rule: when it is reserved, and when it is settled. Saga ids are UUIDv7:
// the key also lists a session's reservations by age.
const createReservation = `
  create table reservation (
    session_id text collate "C" not null,
    saga_id uuid not null,
    status text not null check (status in ('PENDING', 'CONFIRMED', 'RELEASED', 'REFUSED')),
    lines jsonb not null,
    shortages jsonb,
    cause_code text,
    cause_message text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (session_id, saga_id),
    check ((status = 'REFUSED') = (shortages is not null)),
    check ((status = 'RELEASED') = (cause_code is not null))
  ) with (fillfactor = 60)
`;
