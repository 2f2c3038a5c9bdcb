/** One record as a person at a terminal likes it: `12:00:00 warn  The sentence. port=8883`. */
export function humanLine(json: string): string {
  const { time, level, msg, ...facts } = JSON.parse(json) as { time: string; level: string; msg?: string };
  const rest = Object.entries(facts).map(([name, value]) => `${name}=${wordOf(value)}`);
  const mark = level === 'info' ? '' : `${level.padEnd(5)} `;
  return `${new Date(time).toTimeString().slice(0, 8)} ${mark}${[msg ?? '', ...rest].join(' ')}\n`;
}

const wordOf = (value: unknown): string => (typeof value === 'string' && /^[^\s"]+$/.test(value) ? value : JSON.stringify(value));
