import type { Statement } from "../unit-of-work.ts";

/** A held message whose next try begins now. */
export type DueMessage = {
  readonly id: string;
  readonly consumer: string;
  readonly subject: string;
  readonly type: string;
  readonly event_id: string;
  readonly saga_id: string;
  /** The envelope that it travels in: a new one after a redrive. */
  readonly envelope_id: string | null;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** This try included. It also tells this claim from a later one of somebody else. */
  readonly attempts: number;
  /** Tries that nobody wrote an end of. */
  readonly kills: number;
};

/** Counts the try, and leases the message: a try whose process dies comes due again after the lease. */
export const claimDue: Statement<DueMessage> = {
  name: "held-claim",
  text: `
    update held_message
    set attempts = attempts + 1, kills = kills + is_running::integer, is_running = true,
      last_attempt_at = now(), next_attempt_at = now() + $2::bigint * interval '1 millisecond'
    where id = (
      select id from held_message
      where status in ('RETRYING', 'REDRIVEN') and next_attempt_at <= now()
        and consumer = any($1::text[])
      order by next_attempt_at limit 1 for update skip locked)
    returning id, consumer, subject, type, event_id, saga_id, envelope_id, body, headers,
      attempts, kills`,
};

/** The try could not be made: it does not count. */
export const unclaim: Statement<never> = {
  name: "held-unclaim",
  text: `
    update held_message set attempts = attempts - 1, is_running = false, next_attempt_at = now()
    where id = $1 and attempts = $2 and status in ('RETRYING', 'REDRIVEN')`,
};

export const resolve: Statement<{ readonly id: string }> = {
  name: "held-resolve",
  text: `
    update held_message
    set status = 'RESOLVED', is_running = false, next_attempt_at = null, ended_at = now()
    where id = $1 and attempts = $2 and status in ('RETRYING', 'REDRIVEN') returning id`,
};

export const fail: Statement<{ readonly id: string }> = {
  name: "held-fail",
  text: `
    update held_message
    set status = $3, reason = $4, error_code = $5, error = $6, is_running = false,
      next_attempt_at = now() + $7::bigint * interval '1 millisecond',
      ended_at = case when $3 = 'DEAD' then now() end
    where id = $1 and attempts = $2 and status in ('RETRYING', 'REDRIVEN') returning id`,
};

/** Resolved messages are of no use after a while. */
export const forgetResolved: Statement<never> = {
  name: "held-forget-resolved",
  text: `
    delete from held_message where id in (
      select id from held_message
      where status in ('RESOLVED', 'DISCARDED', 'REDRIVEN')
        and ended_at < now() - $1::bigint * interval '1 millisecond'
      limit 10000)`,
};
