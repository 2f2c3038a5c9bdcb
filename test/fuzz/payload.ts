import { isKnown, type Known, type Question } from './questions.ts';

/** The value that a name stands for. */
export type Fill = (known: Known) => unknown;

interface Part {
  readonly name: string;
  readonly value: unknown;
  readonly isFile: boolean;
}
interface Form {
  readonly $form: readonly Part[];
  readonly boundary: string;
}

/** The body of a question as it is sent, with the names of what the world knows filled in. */
export function payloadOf({ body, isRaw }: Question, fill: Fill): string | Buffer | undefined {
  if (body === undefined) return undefined;
  const whole = filled(body, fill);
  if (!isRaw) return JSON.stringify(whole);
  if (typeof whole === 'string' || Buffer.isBuffer(whole)) return whole;
  if ('$urlencoded' in (whole as object)) return String(new URLSearchParams(textsOf((whole as { $urlencoded: unknown }).$urlencoded)));
  const { $form, boundary } = whole as Form;
  const parts = $form.map(({ name, value, isFile }) => {
    const about = isFile ? '; filename="f"\r\ncontent-type: text/csv' : '';
    return `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${about}\r\n\r\n${String(value)}\r\n`;
  });
  return `${parts.join('')}--${boundary}--\r\n`;
}

/** As deep as it goes, and some go deep. */
function filled(value: unknown, fill: Fill): unknown {
  if (isKnown(value)) return fill(value);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value) ? [] : {};
  for (const [name, one] of Object.entries(value)) Object.defineProperty(copy, name, { value: filled(one, fill), enumerable: true, configurable: true, writable: true });
  return copy;
}

const textsOf = (members: unknown): [string, string][] => Object.entries(members as object).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value) ?? '']);
