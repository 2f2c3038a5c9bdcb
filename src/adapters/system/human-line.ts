/** One record as a person at a terminal likes it: `12:00:00 warn  The sentence. port=8883`. */
export function humanLine(json: string): string {
  const { time, level, msg, ...facts } = JSON.parse(json) as { time: string; level: string; msg?: string };
  const rest = Object.entries(facts).map(([name, value]) => `${name}=${wordOf(value)}`);
  const mark = level === 'info' ? '' : `${level.padEnd(5)} `;
  return `${new Date(time).toTimeString().slice(0, 8)} ${mark}${[msg ?? '', ...rest].join(' ')}\n`;
}

function wordOf(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"]+$/.test(value)) return value;
  // Where an error came from is in the JSON lines; at a terminal the words do.
  const { message, stack } = (value ?? {}) as { message?: unknown; stack?: unknown };
  return JSON.stringify(stack === undefined ? value : message);
}
