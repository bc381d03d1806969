-- Logins for an external PostgreSQL. Run once as a superuser (or as a role that may create roles), after
-- `weir database migrate` has made the roles weir_control and weir_edge:
--
--   psql "$ADMIN_URL" --set=control_password=… --set=edge_password=… --file=deploy/postgres-roles.sql
--
-- Passwords go through psql's variables so that none is in this file; :'name' quotes them.

\set ON_ERROR_STOP on

-- For whoever runs commands and for the projector: appends events, writes the projections.
create role weir_control_login login password :'control_password' in role weir_control connection limit 50;

-- For edges: reads the projections and writes its own node's heartbeat, nothing else. One connection to listen and
-- one to read for each edge, and as many again while an edge is replaced.
create role weir_edge_login login password :'edge_password' in role weir_edge connection limit 200;

-- An edge that hangs in a transaction would hold vacuum up for everybody.
alter role weir_edge_login set idle_in_transaction_session_timeout = '30s';
alter role weir_edge_login set statement_timeout = '30s';
