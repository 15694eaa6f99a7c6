import { Migration } from "@mikro-orm/migrations";
import { createOutboxTables } from "@ordersaga/outbox";
import { placeOrder } from "@ordersaga/place-order";
import { checkProgress, createSagaTable } from "@ordersaga/saga";

/** Orders, their sagas, idempotency keys, the price list, and the tables of outbox and inbox. */
export class Migration20261121Orders extends Migration {
  override readonly name = "Migration20261121Orders";

  override up(): void {
    this.addSql(createOrders);
    this.addSql(createIdempotencyKeys);
    this.addSql(createPriceList);
    this.addSql(createSagaTable);
    this.addSql(checkProgress(placeOrder));
    this.addSql(createOutboxTables);
  }
}

const createOrders = `
  CREATE TABLE orders (
    id uuid NOT NULL,
    session_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    lines jsonb NOT NULL CHECK (jsonb_array_length(lines) > 0),
    total_minor bigint NOT NULL CHECK (total_minor >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    payment_token text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (id, session_id)
  );
  CREATE INDEX orders_of_session ON orders (session_id, id);`;

const createIdempotencyKeys = `
  CREATE TABLE idempotency_key (
    session_id text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    request_hash text NOT NULL,
    order_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (session_id, key)
  );
  CREATE INDEX idempotency_key_age ON idempotency_key USING brin (created_at);`;

const createPriceList = `
  CREATE TABLE price_list (
    session_id text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    price_minor bigint NOT NULL CHECK (price_minor >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    version bigint NOT NULL,
    PRIMARY KEY (session_id, product_id)
  );`;
