import { settingsTable } from '../../src/adapters/config/settings-table.ts';

export const SETTINGS_BEGIN = '<!-- settings: written by npm run docs from src/adapters/config/settings-table.ts -->';
export const SETTINGS_END = '<!-- /settings -->';
export const BOUNDS_BEGIN = SETTINGS_BEGIN.replace('settings', 'bounds');
export const BOUNDS_END = SETTINGS_END.replace('settings', 'bounds');

/** The configuration table of README.md, or the bounds of src/adapters/config/README.md, as Markdown. */
export function settingsSection(bounds = false): string {
  const rows = settingsTable.filter(({ isBound = false }) => isBound === bounds).map(({ name, default: usual, optional, meaning }) => [`\`${name}\``, optional ? usual : usual && `\`${usual}\``, meaning]);
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(['setting', 'default', 'meaning']), '|---|---|---|', ...rows.map(line)].join('\n');
}
