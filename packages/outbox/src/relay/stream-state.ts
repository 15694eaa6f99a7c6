import type { Statement } from "../unit-of-work.ts";

/** What is remembered about a stream, to notice that it is not the one it was. */
export type StreamState = {
  readonly stream: string;
  /** As the broker tells it. */
  readonly created_at: string;
  readonly last_sequence: bigint;
  /** Names this life of the stream; outbox rows carry the one they were published into. */
  readonly incarnation: string;
  /** Rows published into an earlier life still have to go out again. */
  readonly is_refilling: boolean;
  /** Milliseconds since the stream was found changed. */
  readonly changed_ms: number;
};

export const readStreamStates: Statement<StreamState> = {
  name: "stream-state-read",
  text: `
    select stream, created_at, last_sequence, incarnation, is_refilling,
      (extract(epoch from now() - changed_at) * 1000)::float8 as changed_ms
    from stream_state`,
};

export const insertStreamState: Statement<never> = {
  name: "stream-state-insert",
  text: `
    insert into stream_state (stream, created_at, last_sequence, incarnation)
    values ($1, $2, $3, $4) on conflict do nothing`,
};

/** Begins a new life of a stream, unless another process did so first. */
export const renewStreamState: Statement<{ readonly stream: string }> = {
  name: "stream-state-renew",
  text: `
    update stream_state
    set created_at = $2, last_sequence = $3, incarnation = $4, is_refilling = true, changed_at = now()
    where stream = $1 and incarnation = $5
    returning stream`,
};

export const endRefilling: Statement<never> = {
  name: "stream-state-end-refilling",
  text: `
    update stream_state set is_refilling = false where stream = $1 and incarnation = $2`,
};

/** Makes one portion of published rows unpublished; returns their ids. */
export const unpublish: Statement<{ readonly id: string }> = {
  name: "outbox-unpublish",
  text: `
    with lost as (
      select id from outbox
      where stream = $1 and id > $2 and published_at is not null and incarnation is distinct from $3
      order by id limit $4
    )
    update outbox o set published_at = null, sequence = null, incarnation = null
    from lost where o.id = lost.id and o.id > $2
    returning o.id`,
};
