import { runAutopsy } from './autopsy/command.ts';

await runAutopsy(process.argv.slice(2));
