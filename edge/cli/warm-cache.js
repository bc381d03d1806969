// Fills the compile cache (NODE_COMPILE_CACHE) with all that an edge loads, by loading it: no module does anything at import.
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const top = new URL('../../', import.meta.url);
const files = globSync('{edge,routing}/**/*.ts', { cwd: fileURLToPath(top) });
for (const file of [...files, 'config/load.ts', 'config/problem.ts']) await import(new URL(file, top).href);
