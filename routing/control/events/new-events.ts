import type { Statements } from '../database.ts';
import { EVENT_CONDITION, type EventFilter, eventFilterValues } from '../queries/event-filter.ts';
import { EVENT_VIEW_COLUMNS, type EventViewRow, eventView } from '../queries/event-view.ts';
import { lastEvents } from '../queries/events.ts';
import type { EventList, EventView } from '../views.ts';

/** How many events are read at once. */
const PAGE_EVENTS = 500;

/**
 * How far below the log's end an event may still appear that was not visible at the start: a writer that was overtaken by
 * more than this while its transaction was open is not waited for. Weir's own transactions end after ten seconds.
 */
const LATE_EVENTS = 100_000;

/**
 * Finds events as they become visible: each that the filter lets through once, whatever the order of the commits.
 *
 * `seq` is given out before the commit, so a 6 may appear after 7 was shown, and numbers of what was rolled back never
 * do. Which of them is the case is known from the lock on `weir.events` that a writer takes before its event gets a
 * number, and holds to its transaction's end: when all are gone that held it at a moment in which 7 was visible, a 6 that
 * cannot be read then does not exist. No writer is waited for, and none is told.
 *
 *     ──── settled: nothing appears here any more ────┤ watched: read each time, less what was shown ──▶
 *          except in `late`, the gaps at the start    │                                  barrier: the end, and its writers
 */
export class NewEvents {
  readonly #database: () => Statements;
  readonly #filter: EventFilter;
  #settled = 0;
  #late: readonly Gap[] = [];
  #shown = new Set<number>();
  #barrier: Position | null = null;

  /** `database` is asked for at each statement: a connection that was lost may be another one then. */
  constructor(database: () => Statements, filter: EventFilter) {
    this.#database = database;
    this.#filter = filter;
  }

  /** What is there already, the last of it; everything else that appears from here on is new. To be called first. */
  async begin(): Promise<EventList> {
    const position = await readPosition(this.#database());
    const gaps = position.writers.length === 0 ? [] : await readGaps(this.#database(), position.end);
    const present = await lastEvents(this.#database(), this.#filter, position.end);
    this.#settled = position.end;
    this.#late = gaps;
    this.#barrier = gaps.length === 0 ? null : position;
    // One that closed its gap between the two statements is in the list, or too old for it, which makes it a new one.
    for (const { seq } of present.events) if (isWithin(seq, gaps)) this.#shown.add(seq);
    return present;
  }

  /**
   * Hands over what became visible since, in pages, each in the order of `seq`. An event counts as shown when `show` has
   * resolved; where something rejects, the next call goes on from there.
   */
  async read(show: (events: readonly EventView[]) => Promise<void>): Promise<void> {
    const position = await readPosition(this.#database());
    const over = [this.#barrier, position].filter(
      (barrier) => barrier !== null && hasPassed(barrier, position.writers),
    );
    // Only after the writers were looked at: those that are gone have left their events where this sees them.
    for (let hasMore = true; hasMore; ) {
      const rows = await this.#readPage();
      if (rows.length > 0) await show(rows.map(eventView));
      for (const { seq } of rows) this.#shown.add(Number(seq));
      hasMore = rows.length === PAGE_EVENTS;
    }
    const isBarrierOver = this.#barrier === null || over.includes(this.#barrier);
    for (const barrier of over) if (barrier !== null) this.#settle(barrier.end);
    if (isBarrierOver) this.#barrier = over.includes(position) ? null : position;
  }

  async #readPage(): Promise<readonly EventViewRow[]> {
    const watched = [...this.#late, { first: this.#settled + 1, last: Number.MAX_SAFE_INTEGER }];
    return this.#database().query<EventViewRow>(SELECT_NEW, [
      ...eventFilterValues(this.#filter),
      watched.map(({ first }) => first),
      watched.map(({ last }) => last),
      [...this.#shown],
      PAGE_EVENTS,
    ]);
  }

  #settle(end: number): void {
    this.#late = [];
    this.#settled = Math.max(this.#settled, end);
    for (const seq of this.#shown) if (seq <= this.#settled) this.#shown.delete(seq);
  }
}

/** A moment: the last event that was visible, and the transactions that then had numbers up to it and had not ended. */
interface Position {
  readonly end: number;
  readonly writers: readonly string[];
}

/** Numbers of which no event is visible, both ends included. */
interface Gap {
  readonly first: number;
  readonly last: number;
}

function hasPassed(barrier: Position, writers: readonly string[]): boolean {
  return !barrier.writers.some((writer) => writers.includes(writer));
}

function isWithin(seq: number, gaps: readonly Gap[]): boolean {
  return gaps.some(({ first, last }) => first <= seq && seq <= last);
}

/** `pg_locks` is read as it is at that moment, so after the snapshot in which the end is visible. */
async function readPosition(database: Statements): Promise<Position> {
  const [row] = await database.query<{ readonly end: string; readonly writers: readonly string[] }>(
    `select coalesce((select max(seq) from weir.events), 0) as end,
       array(
         select virtualtransaction from pg_catalog.pg_locks
         where locktype = 'relation' and mode = 'RowExclusiveLock' and granted
           and relation = 'weir.events'::regclass
           and database = (select oid from pg_catalog.pg_database where datname = current_database())
       ) as writers`,
  );
  if (row === undefined) throw new Error('a select without from has no row');
  return { end: Number(row.end), writers: row.writers };
}

async function readGaps(database: Statements, end: number): Promise<readonly Gap[]> {
  const rows = await database.query<{ readonly first: string; readonly last: string }>(
    `select previous + 1 as first, seq - 1 as last
     from (
       select seq, lag(seq, 1, $1::bigint) over (order by seq) as previous
       from weir.events where seq > $1 and seq <= $2
     ) as events
     where seq > previous + 1`,
    [Math.max(0, end - LATE_EVENTS), end],
  );
  return rows.map(({ first, last }) => ({ first: Number(first), last: Number(last) }));
}

/** Range by range, each along the primary key and no further than a page: whatever the size of the log, or of a backlog. */
const SELECT_NEW = `
  select found.*
  from unnest($6::bigint[], $7::bigint[]) as watched (first, last)
  cross join lateral (
    select ${EVENT_VIEW_COLUMNS} from weir.events as events
    where events.seq between watched.first and watched.last
      and ${EVENT_CONDITION} and events.seq <> all ($8::bigint[])
    order by events.seq limit $9
  ) as found
  order by found.seq limit $9`;
