import { settingsTable } from '../../src/adapters/config/settings-table.ts';

export const SETTINGS_BEGIN = '<!-- settings: written by npm run docs from src/adapters/config/settings-table.ts -->';
export const SETTINGS_END = '<!-- /settings -->';

/** The configuration table of README.md, as Markdown. */
export function settingsSection(): string {
  const rows = settingsTable.map(({ name, default: usual, optional, meaning }) => [`\`${name}\``, optional ? usual : usual && `\`${usual}\``, meaning]);
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(['setting', 'default', 'meaning']), '|---|---|---|', ...rows.map(line)].join('\n');
}
