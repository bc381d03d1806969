import { runCommand } from './command.ts';

await runCommand(['--scenario', 'changes', ...process.argv.slice(2)]);
