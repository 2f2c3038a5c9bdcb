/** `npm run docs`: makes the generated part of README.md anew. `test/documents.test.ts` fails while it differs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { withSettingsSection } from './support/settings-section.ts';

const file = new URL('../README.md', import.meta.url);
const before = readFileSync(file, 'utf8');
const after = withSettingsSection(before);
writeFileSync(file, after);
console.log(before === after ? 'README.md says what the settings are.' : 'README.md was brought up to date.');
