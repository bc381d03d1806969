import { EventEmitter, once } from 'node:events';
import { Writable } from 'node:stream';
import type { ExecutionContext } from 'ava';
import { pino } from 'pino';
import type { Change } from '../../../routing/model/change.ts';
import type { RejectedRow } from '../../../routing/stream/decode-change.ts';
import { RowStore } from '../../../routing/stream/row-store.ts';
import { type StreamState, Subscriber, type SubscriberOptions } from '../../../routing/stream/subscriber.ts';
import { RouteTable } from '../../../routing/table/route-table.ts';
import type { Projections } from './projections.ts';

/** A subscriber as an edge has it: a store, a table that follows it by events alone, and everything that was said. */
export class Edge {
  readonly store = new RowStore();
  readonly table = new RouteTable();
  readonly subscriber: Subscriber;
  readonly changes: Change[] = [];
  readonly rejected: RejectedRow[] = [];
  readonly states: StreamState[] = [];
  readonly logged: string[] = [];
  readonly startedAt = new Date();
  errors: readonly unknown[] = [];
  readonly #happened = new EventEmitter();

  constructor(
    t: Pick<ExecutionContext, 'teardown'>,
    options: Partial<SubscriberOptions> & { readonly url: string },
  ) {
    this.#happened.setMaxListeners(0);
    const output = new Writable({
      write: (line: Buffer, _encoding, done) => {
        this.logged.push(String(JSON.parse(String(line))['msg']));
        this.#happened.emit('any');
        done();
      },
    });
    this.subscriber = new Subscriber({
      store: this.store,
      options: { pollIntervalMs: 60_000, heartbeatIntervalMs: 60_000, ...options },
      log: pino({}, output),
      describeNode: () => ({
        node: 'edge-1',
        revision: this.store.revision,
        listeners: [{ name: 'https', port: 443 }],
        errors: this.errors,
        publicAddresses: ['203.0.113.1'],
        startedAt: this.startedAt,
      }),
      events: {
        onChanges: (changes, revision) => {
          this.changes.push(...changes);
          for (const change of changes) this.table.apply(change);
          this.table.settle(revision);
          this.#happened.emit('any');
        },
        onRejected: (rows) => this.rejected.push(...rows),
        onState: (state) => {
          this.states.push(state);
          this.#happened.emit('any');
        },
      },
    });
    t.teardown(() => this.subscriber.stop());
  }

  /** Started, and caught up with the database. */
  static async live(
    t: Pick<ExecutionContext, 'teardown'>,
    options: Partial<SubscriberOptions> & { readonly url: string },
  ): Promise<Edge> {
    const edge = new Edge(t, options);
    edge.subscriber.start();
    await edge.until(() => edge.subscriber.state.kind === 'live');
    return edge;
  }

  /** Waits for whatever happens next until `isTrue`. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await once(this.#happened, 'any');
  }

  hasRoute(name: string): boolean {
    return this.store.get('route', `tls/${name}`) !== undefined;
  }

  /** The keys that the table has, to be compared with the database's. */
  routes(): string[] {
    return [...this.table.routes()].map((bound) => bound.key).sort();
  }

  hasLogged(text: string): boolean {
    return this.logged.some((message) => message.includes(text));
  }
}

/**
 * Waits until a notification is known to arrive: reads of other causes (the start, LISTEN, the probe's echo) can bring
 * some of these changes, but not as many.
 */
export async function heard(edge: Edge, projections: Projections): Promise<void> {
  for (let at = 0; at < 5; at += 1) {
    const made = await projections.deleteRoute('nobody.test');
    await projections.notify();
    await edge.until(() => edge.store.revision >= made);
  }
}
