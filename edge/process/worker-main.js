// What the primary forks. Plain JavaScript, as edge/cli/weir.js is: with a warm compile cache nothing loads the type stripper.
import { runWorker } from './worker.ts';

await runWorker();
