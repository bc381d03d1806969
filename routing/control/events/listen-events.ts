import pgListen from 'pg-listen';
import type { Alarm } from '../projection/alarm.ts';

/** Which database, under which name, and how patiently. */
interface ListenOptions {
  readonly url: string;
  /** What the server shows as `application_name`. */
  readonly name: string;
  readonly connectTimeoutMs: number;
  readonly queryTimeoutMs: number;
}

/**
 * Rings when events may have been recorded, and makes the alarm fail when the connection is lost. Answers with what ends
 * it; rejects where the database cannot be reached.
 *
 * pg-listen has a way of its own to come back, without an end and without a word; here one connection is one session.
 */
export async function listenForEvents(options: ListenOptions, alarm: Alarm): Promise<() => Promise<void>> {
  const subscriber = pgListen.default(
    {
      connectionString: options.url,
      application_name: options.name,
      connectionTimeoutMillis: options.connectTimeoutMs,
      query_timeout: options.queryTimeoutMs,
    },
    { retryLimit: 1, retryTimeout: 0 },
  );
  subscriber.events.on('error', (error) => alarm.fail(error));
  subscriber.notifications.on('weir_events', () => alarm.ring());
  try {
    await subscriber.connect();
    await subscriber.listenTo('weir_events');
  } catch (error) {
    await subscriber.close().catch(() => {});
    throw error;
  }
  return () => subscriber.close();
}
