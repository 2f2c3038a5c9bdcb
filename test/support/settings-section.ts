import { settingsTable } from '../../src/adapters/config/settings-table.ts';

const BEGIN = '<!-- settings: written by npm run docs from src/adapters/config/settings-table.ts -->';
const END = '<!-- /settings -->';

/** The configuration table of README.md, as Markdown. */
export function settingsSection(): string {
  const rows = settingsTable.map(({ name, default: usual, optional, meaning }) => [`\`${name}\``, optional ? usual : usual && `\`${usual}\``, meaning]);
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(['setting', 'default', 'meaning']), '|---|---|---|', ...rows.map(line)].join('\n');
}

/** The text with the table between its markers made anew. Throws where the markers are not there, once and in order. */
export function withSettingsSection(text: string): string {
  const [before, rest, ...more] = text.split(BEGIN);
  const [, after, ...others] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined || more.length + others.length > 0) {
    throw new Error(`README.md must hold, once each and in this order, the lines\n${BEGIN}\n${END}`);
  }
  return `${before}${BEGIN}\n${settingsSection()}\n${END}${after}`;
}
