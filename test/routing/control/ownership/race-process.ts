import type { Command } from './carry-out.ts';
import { openWriter } from './race-writer.ts';

/** Writers of their own process: `node race-process.ts URL COUNT`, moved by messages, ended by the end of the channel. */
const [url, count] = process.argv.slice(2);
if (url === undefined) throw new Error('the URL of the database is missing');
const writers = await Promise.all(Array.from({ length: Number(count) }, () => openWriter(url)));
process.on('message', async ({ id, writer, move }: { id: number; writer: number; move: Command }) => {
  process.send?.({ id, answer: await writers[writer]?.make(move) });
});
process.on('disconnect', () => Promise.all(writers.map((writer) => writer.close())));
process.send?.('ready');
