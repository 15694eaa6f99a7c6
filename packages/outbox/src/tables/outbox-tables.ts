/**
 * Statements that make the tables of this package, for a service's first migration. `outbox` and `inbox`
 * are partitioned by the time in their UUIDv7 keys: partitions are made ahead and dropped by
 * `createOutbox(…).start`; whatever has no partition yet waits in the default one.
 */
export const createOutboxTables = `
create table outbox (
  id uuid primary key,
  subject text not null,
  stream text not null,
  type text not null,
  body bytea storage external not null,
  headers jsonb,
  created_at timestamptz not null default now(),
  published_at timestamptz,
  sequence bigint,
  incarnation text,
  check ((published_at is null) or (sequence is not null))
) partition by range (id);
create index outbox_unpublished on outbox (id) where published_at is null;
create table outbox_default partition of outbox default;

create table inbox (
  consumer text not null,
  envelope_id uuid not null,
  handled_at timestamptz not null default now(),
  primary key (consumer, envelope_id)
) partition by range (envelope_id);
create table inbox_default partition of inbox default;

create table delivery_attempt (
  consumer text not null,
  envelope_id uuid not null,
  attempts integer not null default 1 check (attempts > 0),
  last_attempt_at timestamptz not null default now(),
  primary key (consumer, envelope_id)
);

create table stream_state (
  stream text primary key,
  created_at text not null,
  last_sequence bigint not null,
  incarnation text not null,
  is_refilling boolean not null default false,
  changed_at timestamptz not null default now()
) with (fillfactor = 50);

create table held_message (
  id uuid primary key,
  status text not null
    check (status in ('RETRYING', 'DEAD', 'REDRIVEN', 'RESOLVED', 'DISCARDED')),
  consumer text not null,
  subject text not null,
  type text not null,
  event_id text not null,
  envelope_id uuid,
  saga_id text not null,
  session_id text not null,
  body bytea storage external not null,
  headers jsonb not null,
  reason text not null,
  error_code text not null,
  error text not null,
  attempts integer not null check (attempts >= 0),
  kills integer not null default 0 check (kills >= 0),
  is_running boolean not null default false,
  first_attempt_at timestamptz not null,
  last_attempt_at timestamptz not null,
  next_attempt_at timestamptz,
  ended_at timestamptz,
  unique (consumer, event_id),
  check ((status = 'RETRYING') = (next_attempt_at is not null))
) with (fillfactor = 70);
create index held_message_due on held_message (next_attempt_at) where status = 'RETRYING';
create index held_message_status on held_message (status, id);
create index held_message_saga on held_message (saga_id) where saga_id <> '';
`;

export const dropOutboxTables = `
drop table held_message;
drop table stream_state;
drop table delivery_attempt;
drop table inbox;
drop table outbox;
`;
