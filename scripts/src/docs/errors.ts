/** Writes docs/errors.md from the table of error codes: `npm run docs:errors`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorsPage } from './errors-page.js';

writeFileSync(fileURLToPath(new URL('../../../docs/errors.md', import.meta.url)), errorsPage());
