import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { explainCommand } from '../../../src/adapters/cli/explain-command.ts';
import { grant, refuse } from '../../../src/domain/shared/decision.ts';
import type { UploadDecoder } from '../../../src/ports/driven/upload-decoder.ts';
import type { Explanation, ExplainQuestion } from '../../../src/ports/driving/explain-desk.ts';
import { aDevice, anIntermediate, aRoot, derChain, pemChain, temporaryDirectory } from '../../support/pki.ts';
import { runCommand, type Ran } from './run-command.ts';

const ADMITTED: Explanation = {
  device: 'press-7',
  path: [
    { depth: 0, subject: 'CN=press-7', issuer: 'CN=Works Root', isAnchor: false },
    { depth: 1, subject: 'CN=Works Root', issuer: 'CN=Works Root', isAnchor: true },
  ],
  checks: [
    { code: 'chain.not-der', outcome: 'holds', requires: 'it is DER', cites: 'D-18' },
    { code: 'path.too-long', depth: 1, outcome: 'holds', requires: 'it is short', cites: 'RFC 1' },
    { code: 'path.outside-validity', depth: 0, outcome: 'holds', requires: 'it is in time', cites: 'RFC 2' },
    { code: 'identity.length', outcome: 'holds', requires: 'it is not long', cites: 'D-8' },
  ],
};

const REFUSED: Explanation = {
  refusal: { code: 'path.outside-validity', depth: 0, evidence: { certificate: '"CN=press-7"', now: '2026-11-24T12:00:00.000Z' } },
  path: ADMITTED.path,
  checks: [
    ADMITTED.checks[1]!,
    { ...ADMITTED.checks[2]!, outcome: 'broken', evidence: { now: '2026-11-24T12:00:00.000Z' } },
    { ...ADMITTED.checks[3]!, outcome: 'not-asked' },
  ],
};

/** Takes a file for one certificate, unless it says `key`. */
const decoder: UploadDecoder = {
  decode: (upload) =>
    Buffer.from(upload).includes('key') ? refuse({ code: 'anchor.private-key' }) : grant([new Uint8Array(Buffer.from(upload))]),
};

const directory = temporaryDirectory();
const file = (name: string): string => join(directory.path, name);
const asked: ExplainQuestion[] = [];

beforeAll(async () => {
  const device = await aDevice(await anIntermediate());
  writeFileSync(file('chain.pem'), pemChain(device));
  writeFileSync(file('leaf.der'), device.der);
  writeFileSync(file('ca.pem'), (await aRoot()).certificatePem);
});
afterAll(() => directory.remove());

interface Answer {
  readonly answer?: Explanation;
  readonly colours?: boolean;
}

function explain({ answer = ADMITTED, ...colours }: Answer, ...words: readonly string[]): Promise<Ran> {
  const desk = {
    explain(question: ExplainQuestion): Explanation {
      asked.push(question);
      return answer;
    },
  };
  return runCommand((write) => explainCommand({ explain: desk, decoder, write, ...colours }), ...words);
}

const usual = () => [file('chain.pem'), '--anchor', file('ca.pem')];
const AT = ['--at', '2026-11-24T12:00:00Z'];

describe('fleetgate explain, what it says', () => {
  it('says who is admitted, and exits with 0', async () => {
    const { code, out } = await explain({}, ...usual(), ...AT);
    expect([code, out.split('\n')[0]]).toEqual([
      0,
      'ADMITTED as press-7, at 2026-11-24T12:00:00.000Z (whether it is registered is not asked here)',
    ]);
  });

  it('says by which rule, where, on what evidence and what to do, and exits with 3', async () => {
    const { code, out } = await explain({ answer: REFUSED }, ...usual(), ...AT);
    expect(code).toBe(3);
    expect(out.split('\n').slice(0, 4)).toEqual([
      'REFUSED path.outside-validity at depth 0 (the device), at 2026-11-24T12:00:00.000Z',
      '  expected  the time of connection lies within notBefore..notAfter, both ends included (RFC 5280 §6.1.3 (a)(2))',
      '  found     certificate "CN=press-7", now 2026-11-24T12:00:00.000Z',
      '  do        Renew the certificate, or correct the clock.',
    ]);
  });

  it('lists every check under its certificate: held, broken with evidence and remedy, or not asked', async () => {
    const { out } = await explain({ answer: REFUSED }, ...usual());
    expect(out.slice(out.indexOf('Checks'))).toBe(
      [
        'Checks',
        '  of certificate 1: CN=Works Root',
        '  ✓ path.too-long          it is short (RFC 1)',
        '  of certificate 0: CN=press-7',
        '  ✗ path.outside-validity  it is in time (RFC 2)',
        '      found  now 2026-11-24T12:00:00.000Z',
        '      do     Renew the certificate, or correct the clock.',
        '  of the device',
        '  – identity.length        it is not long (D-8)',
        '',
      ].join('\n'),
    );
  });

  it('shows the path, the device first, and which certificate is trusted', async () => {
    const { out } = await explain({}, ...usual());
    expect(out).toContain('Path, the device first\n  0  CN=press-7, issued by CN=Works Root\n  1  CN=Works Root, trusted\n');
  });

  it('says so when there is no path', async () => {
    const { out } = await explain({ answer: { refusal: { code: 'tenant.no-anchor-found' }, path: [], checks: [] } }, ...usual());
    expect(out).toContain('No path from the device to a trusted certificate was found.');
  });

  it('X25 shows control and bidi characters of a certificate as codes, so that they cannot rewrite the terminal', async () => {
    const subject = 'CN=a\u001b[2K\u202eb\n';
    const path = [{ depth: 0, subject, issuer: subject, isAnchor: false }];
    const refusal = { code: 'identity.length', evidence: { name: subject } } as const;
    const checks = [{ ...ADMITTED.checks[2]!, outcome: 'broken', evidence: { name: subject } } as const];
    const { out } = await explain({ answer: { refusal, path, checks, device: subject } }, ...usual());
    expect(out).not.toMatch(/[\u001b\u202e]/u);
    expect(out).toContain('0  CN=a\\x1b[2K\\x202eb\\x0a, issued by');
    expect((await explain({ answer: { ...ADMITTED, device: subject } }, ...usual())).out).not.toMatch(/[\u001b\u202e]/u);
  });

  it('prints JSON for programs, with the same exit code', async () => {
    const { code, out } = await explain({ answer: REFUSED }, ...usual(), ...AT, '--json');
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      admitted: false,
      at: '2026-11-24T12:00:00.000Z',
      refusal: { code: 'path.outside-validity', depth: 0, cites: 'RFC 5280 §6.1.3 (a)(2)', remedy: expect.any(String) },
      path: [{ depth: 0 }, { depth: 1, isAnchor: true }],
      checks: [{ outcome: 'holds' }, { outcome: 'broken' }, { outcome: 'not-asked' }],
    });
    expect(JSON.parse((await explain({}, ...usual(), '--json')).out)).toMatchObject({ admitted: true, device: 'press-7' });
  });
});

describe('fleetgate explain, in colours', () => {
  const red = '\u001b[31m';

  it('colours where it is told that a terminal shows them, and not otherwise', async () => {
    expect((await explain({ answer: REFUSED, colours: true }, ...usual())).out).toContain(`${red}✗\u001b[0m`);
    expect((await explain({ answer: REFUSED, colours: false }, ...usual())).out).not.toContain('\u001b');
  });

  it.each([
    ['a terminal', true, {}, true],
    ['a pipe', undefined, {}, false],
    ['a terminal whose user set NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['a terminal whose user left NO_COLOR empty', true, { NO_COLOR: '' }, true],
    ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ])('decides by standard output and environment: %s', async (_where, isTTY, env, colours) => {
    const before = { isTTY: process.stdout.isTTY, NO_COLOR: process.env['NO_COLOR'], TERM: process.env['TERM'] };
    const set = (name: 'NO_COLOR' | 'TERM', value: string | undefined) =>
      value === undefined ? delete process.env[name] : (process.env[name] = value);
    try {
      process.stdout.isTTY = isTTY as boolean;
      set('NO_COLOR', (env as { NO_COLOR?: string }).NO_COLOR);
      set('TERM', (env as { TERM?: string }).TERM ?? 'xterm');
      expect((await explain({ answer: REFUSED }, ...usual())).out.includes('\u001b')).toBe(colours);
    } finally {
      process.stdout.isTTY = before.isTTY;
      set('NO_COLOR', before.NO_COLOR);
      set('TERM', before.TERM);
    }
  });
});

describe('fleetgate explain, what it asks', () => {
  const lastAsked = () => asked.at(-1)!;

  it('hands over the chain as it stands in the file, every trusted certificate, the time and the client id', async () => {
    await explain({}, ...usual(), '--anchor', file('leaf.der'), ...AT, '--client-id', 'd:press-7');
    const device = await aDevice(await anIntermediate());
    expect(lastAsked()).toEqual({
      chain: derChain(device),
      anchors: [new Uint8Array(Buffer.from((await aRoot()).certificatePem)), device.der],
      at: new Date('2026-11-24T12:00:00Z'),
      clientId: 'd:press-7',
    });
  });

  it('hands over which of the trusted certificates are disabled, with or without enabled ones', async () => {
    const ca = new Uint8Array(Buffer.from((await aRoot()).certificatePem));
    await explain({}, file('chain.pem'), '--disabled', file('ca.pem'), '--disabled', file('ca.pem'));
    expect([lastAsked().anchors, lastAsked().disabledAnchors]).toEqual([[], [ca, ca]]);
    await explain({}, ...usual(), '--disabled', file('ca.pem'));
    expect([lastAsked().anchors, lastAsked().disabledAnchors]).toEqual([[ca], [ca]]);
  });

  it('takes the chain in DER too, and out of the text of another tool', async () => {
    const { der, certificatePem } = await aDevice(await anIntermediate());
    await explain({}, file('leaf.der'), '--anchor', file('ca.pem'));
    expect(lastAsked().chain).toEqual([der]);
    writeFileSync(file('s_client.txt'), ` 0 s:CN = press-7\n${certificatePem.replaceAll('\n', '\r\n')}---\nServer certificate\n`);
    await explain({}, file('s_client.txt'), '--anchor', file('ca.pem'));
    expect(lastAsked().chain).toEqual([der]);
  });

  it('asks about now when no time is given, and about no client id', async () => {
    const before = Date.now();
    await explain({}, ...usual());
    expect(lastAsked().at.getTime()).toBeGreaterThanOrEqual(before);
    expect(lastAsked().at.getTime()).toBeLessThanOrEqual(Date.now());
    expect('clientId' in lastAsked()).toBe(false);
  });

  it.each([
    ['no chain', () => [], 'the file with the chain is missing. Write: fleetgate explain chain.pem --anchor ca.pem'],
    ['no anchor', () => [file('chain.pem')], 'no trusted certificate is named. Write: fleetgate explain '],
    ['a chain that is not there', () => [file('none.pem'), '--anchor', file('ca.pem')], 'none.pem'],
    ['an anchor that is not there', () => [file('chain.pem'), '--anchor', file('none.pem')], 'none.pem'],
    ['a chain without certificates', () => [file('text'), '--anchor', file('ca.pem')], 'holds no certificate: expected are PEM blocks'],
    ['an anchor that is a key', () => [file('chain.pem'), '--anchor', file('secret')], 'is no trusted certificate: anchor.private-key'],
    ['a time that is none', () => [...usual(), '--at', 'noon'], '--at noon is no time. Write it as 2027-01-31T12:00:00Z.'],
    ['a file beyond all size', () => [file('huge'), '--anchor', file('ca.pem')], 'and no file of certificates has more than 1048576.'],
  ])('answers with exit code 2, a sentence and no verdict: %s', async (_why, words, sentence) => {
    writeFileSync(file('text'), 'hello');
    writeFileSync(file('secret'), 'key');
    writeFileSync(file('huge'), Buffer.alloc(1_048_577, 0x30));
    const { code, out, err } = await explain({}, ...words());
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(sentence);
  });

  it('has help with examples and the exit codes', async () => {
    const { code, out } = await explain({}, '--help');
    expect(code).toBe(0);
    expect(out).toContain('$ fleetgate explain pki/press-7-chain.pem --anchor pki/root.pem');
    expect(out).toContain('Exit code: 0 the gate would admit, 3 it would refuse, 2 the question could not be read.');
  });
});
