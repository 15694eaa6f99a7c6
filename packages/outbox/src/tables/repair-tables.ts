/**
 * Statements that make room for operators' repairs, for a service's second migration: who changed what
 * by hand, and held messages that wait because an operator sent them on their way again.
 */
export const createRepairTables = `
create table audit (
  id uuid primary key,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  target text not null,
  session_id text not null,
  reason text not null,
  details jsonb not null default '{}'
);
create index audit_target on audit (target, id);

alter table held_message
  drop constraint held_message_check,
  add constraint held_message_waits check
    ((status in ('RETRYING', 'REDRIVEN')) = (next_attempt_at is not null));
drop index held_message_due;
create index held_message_due on held_message (next_attempt_at) where next_attempt_at is not null;
`;

export const dropRepairTables = `
drop index held_message_due;
create index held_message_due on held_message (next_attempt_at) where status = 'RETRYING';
update held_message set status = 'RETRYING' where status = 'REDRIVEN';
alter table held_message
  drop constraint held_message_waits,
  add constraint held_message_check check
    ((status = 'RETRYING') = (next_attempt_at is not null));
drop table audit;
`;
