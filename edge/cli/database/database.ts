import { Command } from 'commander';
import { migrateCommand } from './migrate.ts';

/** `weir database …`: the schema. */
export function databaseCommand(): Command {
  return new Command('database')
    .description("Prepare a PostgreSQL for weir's use.")
    .addCommand(migrateCommand());
}
