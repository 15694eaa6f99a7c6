/** One service as `npm start` runs it. */
export type ServiceRow = {
  /** Folder below `services/`. */
  readonly name: string;
  readonly port: number;
  /** Its own database and the role that owns it; nobody else may enter. */
  readonly database: string;
  readonly role: string;
  /** What it does, for the list of addresses. */
  readonly does: string;
};

/** In the order in which they are started. */
export const serviceTable: readonly ServiceRow[] = [
  {
    name: "payment-provider",
    port: 3005,
    database: "provider_db",
    role: "provider_service",
    does: "the simulated payment provider and its ledger",
  },
  {
    name: "inventory",
    port: 3002,
    database: "inventory_db",
    role: "inventory_service",
    does: "products, stock, reservations",
  },
  {
    name: "payment",
    port: 3003,
    database: "payment_db",
    role: "payment_service",
    does: "charges and refunds",
  },
  {
    name: "order",
    port: 3001,
    database: "order_db",
    role: "order_service",
    does: "orders and their sagas",
  },
];
