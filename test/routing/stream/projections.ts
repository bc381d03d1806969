import type { ExecutionContext } from 'ava';
import pg from 'pg';

/** Writes the projections' tables as the projector would, and rows that it never would. */
export class Projections {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  /** `url` is the superuser's. */
  static async open(t: Pick<ExecutionContext, 'teardown'>, url: string): Promise<Projections> {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    t.teardown(() => client.end().catch(() => {}));
    return new Projections(client);
  }

  /** A route to `acme/shop/prod/<process>`, made or changed; answers with its revision. */
  async route(hostname: string, { process = 'web', backendPort = 8443 } = {}): Promise<number> {
    return this.#write(
      `insert into weir.routes (${ROUTE_COLUMNS})
         select 'tls/' || $1::text, 'tls', $1, null, $2, $3, 1, '[]', 'none', '{}', false, next.revision, false, 'test', now(), now() from next
       on conflict (key) do update set service = excluded.service, backend_port = excluded.backend_port,
         revision = excluded.revision, is_deleted = false`,
      [hostname, `acme/shop/prod/${process}`, backendPort],
      process,
    );
  }

  async deleteRoute(hostname: string): Promise<number> {
    return this.#write(
      `update weir.routes set is_deleted = true, revision = next.revision from next where key = 'tls/' || $1::text`,
      [hostname],
      null,
    );
  }

  async endpoint(instance: string, address: string, process = 'web'): Promise<number> {
    return this.#write(
      `insert into weir.endpoints (key, service, instance, address, is_ready, revision, is_deleted, actor, updated_at)
         select $2::text || '/' || $1::text, $2, $1, $3, true, next.revision, false, 'test', now() from next
       on conflict (key) do update set address = excluded.address, revision = excluded.revision, is_deleted = false`,
      [instance, `acme/shop/prod/${process}`, address],
      process,
    );
  }

  /** Many routes in one transaction, as one batch. */
  async routes(count: number, prefix: string): Promise<void> {
    await this.#client.query('begin');
    await this.route(`${prefix}.first.test`);
    await this.#client.query(
      `insert into weir.routes (${ROUTE_COLUMNS})
         select 'tls/' || name, 'tls', name, null, 'acme/shop/prod/web', 8443, 1, '[]', 'none', '{}', false, head.revision + n, false,
           'test', now(), now()
         from weir.head as head, generate_series(1, $2::integer) as n, lateral (select $1 || '-' || n || '.test') as names (name)`,
      [prefix, count],
    );
    await this.#client.query('update weir.head set revision = revision + $1', [count]);
    await this.#client.query('commit');
  }

  /** Forgets the deletions so far. */
  async compact(): Promise<void> {
    await this.#client.query('delete from weir.routes where is_deleted');
    await this.#client.query('update weir.head set compacted_to = revision');
  }

  async notify(): Promise<void> {
    await this.#client.query(`select pg_notify('weir_revision', revision::text) from weir.head`);
  }

  async run(text: string): Promise<readonly Record<string, unknown>[]> {
    return (await this.#client.query<Record<string, unknown>>(text)).rows;
  }

  async #write(statement: string, values: readonly unknown[], process: string | null): Promise<number> {
    if (process !== null) {
      await this.#client.query(
        `insert into weir.services
           select 'acme/shop/prod/' || $1::text, 'acme', 'shop', 'prod', $1,
             (select coalesce(max(revision), 0) + 1 from weir.services)
         on conflict do nothing`,
        [process],
      );
    }
    await this.#client.query(
      `with next as (update weir.head set revision = revision + 1 returning revision) ${statement}`,
      [...values],
    );
    const { rows } = await this.#client.query<{ revision: string }>('select revision from weir.head');
    return Number(rows[0]?.revision);
  }
}

const ROUTE_COLUMNS = `key, listener, hostname, alpn, service, backend_port, weight, others, proxy_protocol, proxy_tlvs,
  redirect_to_https, revision, is_deleted, actor, created_at, updated_at`;
