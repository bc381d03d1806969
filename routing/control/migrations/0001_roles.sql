-- Up Migration

-- Roles belong to the server, not to one database, so another database of it may have made them already, or be making
-- them at this moment.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['weir_control', 'weir_edge'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin', wanted);
      exception when duplicate_object or unique_violation then
        null;
      end;
    end if;
  end loop;
end
$$;

revoke all on schema weir from public;
grant usage on schema weir to weir_control, weir_edge;

-- The schema's version is the number of the last migration in here.
grant select on weir.migrations to weir_control, weir_edge;

-- A rebuild builds in temporary tables. Everybody may make some, unless this database's owner says otherwise.
do $$
begin
  execute format('grant temporary on database %I to weir_control', current_database());
end
$$;
