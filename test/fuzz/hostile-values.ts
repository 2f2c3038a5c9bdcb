import fc, { type Arbitrary } from 'fast-check';
import { keyBlock } from '../support/key-armour.ts';

/** What must never come back in an error nor reach the log: it is sent as passwords, keys and tokens (R13). */
export const CANARY = 'canary-4f1c9a';
const PRIVATE_KEY = keyBlock(`MIGHAgEAMBMG${CANARY}AoGBAK`);

const deep = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}1${']'.repeat(depth)}`);

/** Texts that were somebody's accident or attack before. None holds a word that the leak check looks for, for short ones may be shown again. */
const TEXTS = [
  '', ' ', '.', '..', '/', '\\', '%', '_', '*', '#', '+', "' OR '1'='1", '"; --', '<b>x</b>', '${7*7}', '{{x}}', '=1+1', '__proto__', 'constructor', 'toString',
  'null', 'true', '0', '-1', '1e309', '9'.repeat(40), '\u0000', '\u0000admin', 'a\r\nx-y: z', '\u202eabc', '\ufeffmain', 'e\u0301', 'ﬁ', 'İ', '😀', '\ufffd', '\ud800',
  'main', 'MAIN', 'management', 'device_press-7', 'main/admin', 'x'.repeat(255), 'ä'.repeat(3000),
] as const;

/** They go into every kind of place, so that any place that shows again what it got is found. */
const SECRETS = [PRIVATE_KEY, `MIGHAgEA${CANARY}`, CANARY] as const;

export const hostileText: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...SECRETS) },
  { weight: 6, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 300 }) },
  { weight: 1, arbitrary: fc.constantFrom('A'.repeat(70_000), '🜀'.repeat(20_000)) },
);

/** Any value of JSON, seldom the one that is asked for. */
export const hostileValue: Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: hostileText },
  { weight: 3, arbitrary: fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e21, -0, 2 ** 53, [], {}, [null], [[]], { length: 1 }, deep(50), deep(3000), Array(500).fill('a')) },
  { weight: 1, arbitrary: fc.jsonValue() },
);

/** One part of a path, as it stands in the URL. */
export const hostileSegment: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '%', '%zz', '%00', '%2e%2e', '%2E', '..', '.', '%2f', '%2F..%2F', '%5c', '%c0%af', '%ff', '%E0%A4%A', '%25', '%252e', 'a;b=c', ';', ':', '*', '%20', '+', '%0d%0a', '~', 'main%00', '%6dain',
    'main%2f..', 'x'.repeat(4096), 'x'.repeat(4097), '%F0%9F%98%80', '%ED%A0%80', '__proto__', 'constructor', '',
  ),
  hostileText.filter((text) => text.length < 2000 && !text.includes(CANARY)).map((text) => encodeURIComponent(text.toWellFormed())),
);

/** The value of a query parameter, as it stands in the URL. */
export const hostileQuery: Arbitrary<string> = fc.oneof(
  fc.constantFrom('0', '-1', '1e9', '1000000000', '99999999999999999999', '0x10', '1.0', '%201', '+1', '%D9%A3', 'true', 'TRUE', '%', '%zz', '%ff', '%00', '[]', '&', '=', '', 'x'.repeat(5000)),
  hostileText.filter((text) => text.length < 2000 && !text.includes(CANARY)).map((text) => encodeURIComponent(text.toWellFormed())),
);

/** Bodies that are no JSON of any use. */
export const hostileBody: Arbitrary<string | Buffer> = fc.oneof(
  { weight: 8, arbitrary: hostileValue.map((value) => JSON.stringify(value)) },
  {
    weight: 8,
    arbitrary: fc.constantFrom<string | Buffer>(
      '', ' ', '{', '}', '{"a":', '[1,]', '"', 'NaN', '1e999', '{"a":1,"a":2}', '{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}', '[{"__proto__":{"polluted":true}}]',
      '{"status":"ENABLED","status":"DISABLED"}', '"\\ud800"', '{"\\ud800":1}', '\ufeff{}', '\ufeff\ufeff{}', Buffer.from('{"a":"b"}', 'utf16le'), Buffer.from([0xff, 0xfe, 0x00]),
      Buffer.from('1f8b0800000000000003ab560200', 'hex'), '['.repeat(100_000), '{"a":'.repeat(20_000), `{"certificates":${JSON.stringify(Array(101).fill({}))}}`, 'ID,AUTH_TYPE\n', '--x\r\n',
    ),
  },
  { weight: 4, arbitrary: fc.constantFrom(PRIVATE_KEY, `{"adminPass":"${CANARY}"`, `{"value":"${CANARY}",}`, `ID,AUTH_TYPE,CREDENTIALS\nx,${CANARY},${CANARY}\n`) },
  { weight: 1, arbitrary: fc.constantFrom(' '.repeat(1024 * 1024 + 1), `{"name":"${'n'.repeat(1024 * 1024)}"}`) },
);

export const CONTENT_TYPES: readonly (string | undefined)[] = [
  undefined, '', 'json', 'application/json', 'APPLICATION/JSON;charset=UTF-8', 'application/json; charset=utf-16', 'application/json; charset="', 'application/vnd.com.nsn.cumulocity.x+json;ver=0.9',
  'application/jsonp', 'text/plain', 'text/csv', 'text/html', 'application/xml', 'application/x-www-form-urlencoded', 'application/octet-stream', 'multipart/form-data', 'multipart/form-data; boundary=x',
  'multipart/mixed; boundary=json', '*/*', ';', '/', 'a/b/c', 'x'.repeat(8000),
];

export const ACCEPTS: readonly (string | undefined)[] = [
  undefined, '', '*/*', 'application/json', 'application/json;q=0', 'text/html', 'application/xml', 'image/png', 'application/vnd.com.nsn.cumulocity.error+json, application/json',
  'application/vnd.com.nsn.cumulocity.customTrustedCertificateCollection+json', ';;;,,,', '\u00ff', 'x'.repeat(8000),
];

/** Headers beside those, each seldom. */
export const ODD_HEADERS: readonly (readonly [string, string])[] = [
  ['host', 'other.example.com'], ['host', "a'b<c>"], ['host', ''], ['host', 'x'.repeat(3000)], ['host', '[::1]:99999'], ['x-forwarded-host', 'evil.example.com'], ['x-forwarded-proto', 'gopher'],
  ['x-http-method-override', 'DELETE'], ['x-http-method', 'PUT'], ['x-original-url', '/health'], ['x-rewrite-url', '/health'], ['sec-fetch-site', 'cross-site'], ['sec-fetch-site', 'same-origin'],
  ['usexbasic', 'true'], ['usexbasic', 'x'.repeat(100)], ['content-encoding', 'gzip'], ['content-encoding', 'br'], ['range', 'bytes=0-1'], ['if-none-match', '*'], ['if-match', '"x"'], ['if-modified-since', 'x'],
  ['origin', 'https://evil.example.com'], ['cookie', `authorization=${CANARY}`], ['connection', 'upgrade'], ['upgrade', 'h2c'], ['accept-encoding', 'gzip;q=x'], ['accept-language', '*'], ['forwarded', 'for=x'],
];

/** What stands after `Authorization:` of somebody who is nobody. */
export const ODD_CREDENTIALS: readonly string[] = [
  '', 'Basic', 'Basic ', 'Basic !!!!', 'Bearer', 'Bearer ', `Bearer ${CANARY}`, 'Bearer a.b.c', 'Bearer eyJhbGciOiJub25lIn0.e30.', 'Digest username="x"', 'Negotiate x', `Basic ${Buffer.from(`main/admin:${CANARY}`).toString('base64')}`,
  `Basic ${Buffer.from(`admin:${CANARY}`).toString('base64')}`, `Basic ${Buffer.from('\u0000:\u0000').toString('base64')}`, `Basic ${Buffer.from([0xff, 0x3a, 0xff]).toString('base64')}`, `Bearer ${'x'.repeat(20_000)}`, 'basic\tx', 'Bearer ..',
];
