import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { parsePathTemplate, type PathTemplate } from '../../domain/access/path-template.ts';
import { parseDomain, parseTenantId } from '../../domain/trust/tenant.ts';

/** How the text of a setting becomes its value, and how a person is told what was expected. */
export interface ValueForm<T> {
  /** Completes "expected is …". */
  readonly form: string;
  /** Undefined when the text is not of this form. */
  readonly parse: (text: string) => { readonly value: T } | undefined;
}

const value = <T>(it: T): { readonly value: T } => ({ value: it });

/** Another form of a value that has one already. */
const then = <A, B>(parsed: { readonly value: A } | undefined, next: (it: A) => { readonly value: B } | undefined) =>
  parsed && next(parsed.value);

export const aPath: ValueForm<string> = { form: 'a file or folder', parse: (text) => (text.includes('\0') ? undefined : value(resolve(text))) };

export const paths: ValueForm<readonly string[]> = {
  form: 'files, with commas between them',
  parse: (text) => value(listOf(text).map((file) => resolve(file))),
};

export const pathTemplates: ValueForm<readonly PathTemplate[]> = {
  form: 'paths such as /files/{tenant}/{device}/**, with commas between them ({tenant}, {device} and * are whole segments, ** the rest), or off',
  parse: (text) => {
    const templates = text === 'off' ? [] : listOf(text).map(parsePathTemplate);
    return templates.every((template) => template !== undefined) && (text === 'off' || templates.length > 0) ? value(templates) : undefined;
  },
};

export const anAddress: ValueForm<string> = {
  form: 'an IP address or host name of this machine, or all',
  parse: (text) => (text === 'all' ? value(everyInterface()) : /^[\w.:%-]{1,255}$/.test(text) ? value(text) : undefined),
};

/** `::` takes IPv4 too, but cannot be listened on where the machine has no IPv6. */
export function everyInterface(interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces()): string {
  return Object.values(interfaces).some((addresses) => addresses?.some(({ family }) => family === 'IPv6')) ? '::' : '0.0.0.0';
}

export const aPort: ValueForm<number | undefined> = {
  form: 'a port (0–65535, 0 takes any free one) or off',
  parse: (text) => (text === 'off' ? value(undefined) : portOf(text)),
};

export const ports: ValueForm<readonly number[]> = {
  form: 'ports (0–65535) with commas between them, or off',
  parse: (text) => {
    if (text === 'off') return value([]);
    const all = listOf(text).map((item) => portOf(item)?.value);
    return all.length > 0 && all.every((port) => port !== undefined) ? value(all as number[]) : undefined;
  },
};

export const aUrl: ValueForm<string | undefined> = {
  form: 'a URL such as https://gate.example.com, without user, query and fragment',
  parse: (text) => {
    const url = URL.parse(text);
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) return undefined;
    return value(url.href.replace(/\/+$/, ''));
  },
};

export const hostNames: ValueForm<readonly string[]> = {
  form: 'host names or IP addresses with commas between them',
  parse: (text) => {
    const names = listOf(text);
    return names.every((name) => isIP(name) !== 0 || parseDomain(name) !== undefined) ? value(names) : undefined;
  },
};

export const aDatabaseUrl: ValueForm<string> = {
  form: 'sqlite:<file>, postgres://<user>@<host>:<port>/<database> or memory:',
  parse: (text) => {
    if (text === 'memory:' || text === 'sqlite::memory:') return value('memory:');
    if (/^postgres(ql)?:\/\/./.test(text)) return value(text);
    const file = /^sqlite:(?!\/\/)(.+)$/.exec(text)?.[1];
    return file ? value(`sqlite:${resolve(file)}`) : undefined;
  },
};

export const onOrOff: ValueForm<boolean> = {
  form: 'on or off',
  parse: (text) =>
    /^(on|true|yes|1)$/i.test(text) ? value(true) : /^(off|false|no|0)$/i.test(text) ? value(false) : undefined,
};

export const oneOf = <const T extends string>(...words: readonly T[]): ValueForm<T> => ({
  form: `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`,
  parse: (text) => {
    const word = words.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
    return word && value(word);
  },
});

export const aNumber = (least: number, most: number, unit: string): ValueForm<number> => ({
  form: `${unit}, ${least}–${most}`,
  parse: (text) => then(wholeNumber(text), (n) => (n >= least && n <= most ? value(n) : undefined)),
});

/** A bound that can be taken away. */
export const aCap = (unit: string): ValueForm<number> => ({
  form: `a number of ${unit} of at least 1, or off`,
  parse: (text) => (text === 'off' ? value(Infinity) : then(wholeNumber(text), (n) => (n >= 1 ? value(n) : undefined))),
});

const BYTES = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const;

export const bytes: ValueForm<number> = {
  form: 'a number of bytes, also with KB, MB or GB (steps of 1024), at least 1 KB and at most 64 GB',
  parse: (text) => {
    const [, digits, unit = ''] = /^(\d{1,11}) ?(?:([KMG])B?|B)?$/i.exec(text) ?? [];
    const count = digits === undefined ? NaN : Number(digits) * BYTES[unit.toUpperCase() as keyof typeof BYTES];
    return count >= BYTES.K && count <= 64 * BYTES.G ? value(count) : undefined;
  },
};

export const aTenantId: ValueForm<string> = {
  form: 'a tenant id: 1–32 characters of a–z, 0–9, - and _, a letter or digit first; not management, which exists anyway',
  parse: (text) => (parseTenantId(text) && text !== 'management' ? value(text) : undefined),
};

export const aDomain: ValueForm<string> = {
  form: 'a host name without scheme or port',
  parse: (text) => then({ value: parseDomain(text) }, (domain) => (domain ? value(domain) : undefined)),
};

export const aUserName: ValueForm<string> = {
  form: '1–128 characters, none of / \\ : + white space or control characters, not starting with device_',
  parse: (text) => (/^(?!device_)[^/\\:+\s\p{C}]{1,128}$/u.test(text) ? value(text) : undefined),
};

export const aPassword: ValueForm<string | undefined> = {
  form: '8–1024 characters without control characters',
  parse: (text) => (/^[^\p{Cc}]{8,1024}$/u.test(text) ? value(text) : undefined),
};

function portOf(text: string): { readonly value: number } | undefined {
  return then(wholeNumber(text), (port) => (port <= 65_535 ? value(port) : undefined));
}

function wholeNumber(text: string): { readonly value: number } | undefined {
  return /^\d{1,12}$/.test(text) ? value(Number(text)) : undefined;
}

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
