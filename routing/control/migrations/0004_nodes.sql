-- Up Migration

-- Each edge's heartbeat: what it runs, to set beside what it should run. A login may write only the rows that it made.
create table weir.nodes (
  node text primary key,
  owner name not null default session_user,
  revision bigint not null,
  listeners jsonb not null default '[]',
  errors jsonb not null default '[]',
  public_addresses jsonb not null default '[]',
  started_at timestamptz not null,
  reported_at timestamptz not null default clock_timestamp()
);

alter table weir.nodes enable row level security;

create policy nodes_are_visible on weir.nodes for select to weir_control, weir_edge using (true);
create policy edges_add_their_own on weir.nodes for insert to weir_edge with check (owner = session_user);
create policy edges_update_their_own on weir.nodes for update to weir_edge
  using (owner = session_user) with check (owner = session_user);

grant select on weir.nodes to weir_control;
grant select, insert, update on weir.nodes to weir_edge;
