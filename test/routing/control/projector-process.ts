import { runProjector } from '../../../routing/control/projector.ts';
import { silentLog } from '../../support/postgres.ts';

/** A projector of its own process, to be killed: `node projector-process.ts URL`. */
const [url] = process.argv.slice(2);
if (url === undefined) throw new Error('the URL of the database is missing');
await runProjector({ url, log: silentLog, signal: new AbortController().signal });
