-- Up Migration

-- What happened, for ever. `stream_version` counts from 1 within a stream: two writers that decided on the same state
-- collide on it, and the loser decides again.
create table weir.events (
  seq bigint generated always as identity primary key,
  stream text not null,
  stream_version integer not null check (stream_version > 0),
  type text not null,
  schema_version integer not null check (schema_version > 0),
  payload jsonb not null,
  -- The org that it is about, null where it is about none.
  org text generated always as (coalesce(payload ->> 'org', nullif(split_part(payload ->> 'service', '/', 1), ''))) stored,
  actor text not null,
  reason text,
  idempotency_key text,
  recorded_at timestamptz not null default clock_timestamp(),
  unique (stream, stream_version)
);

create function weir.refuse_rewriting() returns trigger language plpgsql as $$
begin
  raise exception 'weir.% is append-only: % is refused', tg_table_name, lower(tg_op)
    using errcode = 'insufficient_privilege',
          hint = 'Record a new event that says what is true now.';
end
$$;

create trigger events_are_append_only
  before update or delete or truncate on weir.events
  for each statement execute function weir.refuse_rewriting();

-- `always`: session_replication_role = replica does not get around it either.
alter table weir.events enable always trigger events_are_append_only;

-- The outbox: events that are not in the projections yet. See routing/control/README.md for why it is not a cursor.
create table weir.pending_events (
  seq bigint primary key
);

-- Runs as the owner, so that nobody needs, or has, the right to make an event pending.
--
-- A transaction that notifies commits alone in the whole server: PostgreSQL holds one lock from before its commit is
-- written to disk until after. So nothing is said while the outbox is not empty: who was told then looks again.
create function weir.await_projection() returns trigger
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  is_known boolean;
begin
  -- From the end, where the live rows are: those that were projected leave dead ones at the beginning.
  perform from weir.pending_events order by seq desc limit 1;
  is_known := found;
  insert into weir.pending_events (seq) select seq from appended;
  if not is_known then
    perform pg_notify('weir_events', '');
  end if;
  return null;
end
$$;

create trigger events_await_projection
  after insert on weir.events
  referencing new table as appended
  for each statement execute function weir.await_projection();

alter table weir.events enable always trigger events_await_projection;

-- One row for each command that came with an idempotency key, written in the command's own transaction: a repeated
-- command waits on the primary key until the first has ended. `result` is null only inside of that transaction.
create table weir.commands (
  idempotency_key text primary key,
  fingerprint text not null,
  result jsonb,
  recorded_at timestamptz not null default clock_timestamp()
);

grant select, insert on weir.events to weir_control;
grant select, delete on weir.pending_events to weir_control;
grant select, insert, update (result) on weir.commands to weir_control;
