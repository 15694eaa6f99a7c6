import type { Statement } from "../unit-of-work.ts";

/** A held message as it is judged before it is sent on its way again. */
export type RepairRow = {
  readonly id: string;
  readonly status: string;
  readonly consumer: string;
  readonly type: string;
  readonly body: Buffer;
};

/** The dead letters that a filter selects now, the oldest first. */
export const selectDead: Statement<{ readonly id: string }> = {
  name: "dead-letters-select-dead",
  text: `
    select id from held_message
    where status = 'DEAD' and ($1 = '' or session_id = $1) and $2 in ('', 'DEAD')
      and ($3 = '' or consumer = $3) and ($4 = '' or type = $4) and ($5 = '' or saga_id = $5)
      and ($6 = '' or reason = $6)
    order by id limit $7`,
};

export const selectRepairable: Statement<RepairRow> = {
  name: "dead-letters-select-repairable",
  text: `
    select id, status, consumer, type, body from held_message
    where id = any($1::uuid[]) and ($2 = '' or session_id = $2)`,
};

/**
 * One statement is one transaction: what is sent on its way again is also written down. The message
 * travels under a new envelope id, and whatever killed processes before gets a new count.
 */
export const redrive: Statement<{ readonly id: string }> = {
  name: "dead-letters-redrive",
  text: `
    with moved as (
      update held_message h
      set status = 'REDRIVEN', envelope_id = n.envelope_id, next_attempt_at = now(),
        ended_at = null, is_running = false, kills = 0
      from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as n (id, envelope_id, audit_id)
      where h.id = n.id and h.status = 'DEAD' and ($4 = '' or h.session_id = $4)
      returning h.id, h.session_id, h.consumer, h.event_id, n.envelope_id, n.audit_id
    ), noted as (
      insert into audit (id, actor, action, target, session_id, reason, details)
      select audit_id, 'operator', 'redrive-dead-letter', id::text, session_id, '',
        jsonb_build_object('consumer', consumer, 'event_id', event_id, 'envelope_id', envelope_id)
      from moved
    )
    select id from moved`,
};

export const discard: Statement<{ readonly id: string }> = {
  name: "dead-letters-discard",
  text: `
    with moved as (
      update held_message h set status = 'DISCARDED', ended_at = now()
      from unnest($1::uuid[], $2::uuid[]) as n (id, audit_id)
      where h.id = n.id and h.status = 'DEAD' and ($3 = '' or h.session_id = $3)
      returning h.id, h.session_id, h.consumer, h.event_id, n.audit_id
    ), noted as (
      insert into audit (id, actor, action, target, session_id, reason, details)
      select audit_id, 'operator', 'discard-dead-letter', id::text, session_id, $4,
        jsonb_build_object('consumer', consumer, 'event_id', event_id)
      from moved
    )
    select id from moved`,
};
