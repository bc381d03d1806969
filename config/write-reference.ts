import { readFile, writeFile } from 'node:fs/promises';
import { withReference } from './readme-section.ts';

// Run as `npm run docs`; a test fails while the README says something else than the schema.
const README = new URL('../README.md', import.meta.url);
await writeFile(README, withReference(await readFile(README, 'utf8')));
