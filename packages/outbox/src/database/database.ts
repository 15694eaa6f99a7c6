import type { MikroORM, SqlEntityManager } from "@mikro-orm/postgresql";
import type { Pool } from "pg";

import type { Statement } from "../unit-of-work.ts";

/** One service's own database: entities for reads, prepared statements for the hot path, one pool. */
export type Database = AsyncDisposable & {
  readonly orm: MikroORM;
  /** The pool that MikroORM and the units of work share. */
  readonly pool: Pool;
  /** A fresh entity manager for one request. */
  readonly em: () => SqlEntityManager;
  /**
   * One statement without a transaction of its own. int8 columns come as bigint. Throws what
   * {@link databaseErrorFrom} makes of the trouble.
   */
  readonly query: <Row>(statement: Statement<Row>, values: readonly unknown[]) => Promise<Row[]>;
  /** Resolves as soon as the server answers; asks again and again, waiting longer each time. */
  readonly reachable: (signal?: AbortSignal) => Promise<void>;
};
