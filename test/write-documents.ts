/** `npm run docs`: makes the generated parts of README.md and test/README.md anew. `test/documents.test.ts` looks after them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { ABUSE_BEGIN, ABUSE_END, abuseSection } from './support/abuse-section.ts';
import { FIGURES_BEGIN, FIGURES_END, figuresSection } from './support/figures-section.ts';
import { withSection } from './support/generated-section.ts';
import { BOUNDS_BEGIN, BOUNDS_END, SETTINGS_BEGIN, SETTINGS_END, settingsSection } from './support/settings-section.ts';

const PARTS = [
  { file: 'README.md', begin: SETTINGS_BEGIN, end: SETTINGS_END, section: settingsSection() },
  { file: 'src/adapters/config/README.md', begin: BOUNDS_BEGIN, end: BOUNDS_END, section: settingsSection(true) },
  { file: 'test/README.md', begin: ABUSE_BEGIN, end: ABUSE_END, section: abuseSection() },
  { file: 'src/adapters/metrics/README.md', begin: FIGURES_BEGIN, end: FIGURES_END, section: figuresSection() },
];

for (const { file, ...part } of PARTS) {
  const url = new URL(`../${file}`, import.meta.url);
  const before = readFileSync(url, 'utf8');
  const after = withSection(before, part);
  writeFileSync(url, after);
  console.log(`${file} ${before === after ? 'is up to date' : 'was brought up to date'}.`);
}
