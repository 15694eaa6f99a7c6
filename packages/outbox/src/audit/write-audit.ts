import { uuidv7 } from "@ordersaga/kernel";

import type { Statement, UnitOfWork } from "../unit-of-work.ts";

/** One thing that an operator did by hand. */
export type AuditEntry = {
  /** Verb and noun, such as `refund-payment`. */
  readonly action: string;
  /** The id of what was changed. */
  readonly target: string;
  /** The session whose data it is. */
  readonly sessionId: string;
  /** In the operator's own words; empty when none were asked for. */
  readonly reason: string;
};

/**
 * Writes down what an operator does, in the transaction that does it. All who have the operator's token
 * are one actor, `operator`. Needs the tables of `createRepairTables`.
 */
export async function writeAudit(uow: UnitOfWork, entry: AuditEntry): Promise<void> {
  const { action, target, sessionId, reason } = entry;
  await uow.query(insert, [uuidv7(), action, target, sessionId, reason]);
}

const insert: Statement<never> = {
  name: "audit-insert",
  text: `
    insert into audit (id, actor, action, target, session_id, reason)
    values ($1, 'operator', $2, $3, $4, $5)`,
};
