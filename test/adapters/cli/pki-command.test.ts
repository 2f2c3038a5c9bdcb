import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pkiCommand } from '../../../src/adapters/cli/pki-command.ts';
import { BREAKAGE_FACTS } from '../../../src/ports/driven/breakage-facts.ts';
import { BREAKAGES } from '../../../src/ports/driven/certificate-mint.ts';
import { mint, temporaryDirectory } from '../../support/pki.ts';
import { runCommand, type Ran } from './run-command.ts';

const whole = temporaryDirectory();
afterAll(() => whole.remove());

let out = '';
let turn = 0;
beforeEach(() => {
  out = join(whole.path, `${(turn += 1)}`);
});

const pki = (kind: string, ...words: readonly string[]): Promise<Ran> =>
  runCommand((write) => pkiCommand({ mint, write }), kind, ...(words.includes('--help') ? [] : ['--out', out]), ...words);
const file = (name: string): string => join(out, name);
const text = (name: string): string => readFileSync(file(name), 'utf8');
const certificate = (name: string): X509Certificate => new X509Certificate(text(name));
const blocksIn = (name: string): number => text(name).split('BEGIN CERTIFICATE').length - 1;
const mode = (name: string): string => (statSync(file(name)).mode & 0o777).toString(8);

describe('fleetgate pki root', () => {
  it('writes the certificate, and its key so that only the owner reads it', async () => {
    expect((await pki('root', 'Works Root')).code).toBe(0);
    expect(readdirSync(out).sort()).toEqual(['root.key', 'root.pem']);
    expect([mode('root.key'), mode('root.pem')]).toEqual(['600', '644']);
    expect(certificate('root.pem').subject).toBe('CN=Works Root');
    expect(certificate('root.pem').checkPrivateKey(createPrivateKey(text('root.key')))).toBe(true);
  });

  it('says what it made, which files it wrote and what to type next, and shows no key', async () => {
    const { out: said } = await pki('root');
    expect(said).toContain('Made a root certificate: CN=Fleetgate Root, signed by itself, valid from ');
    for (const name of ['root.pem', 'root.key']) expect(said).toContain(`  ${file(name)} `);
    expect(said).toContain(`npx fleetgate pki device press-7 --issuer ${file('root')} --out ${out}`);
    expect(said).toContain(`npx fleetgate trust add ${file('root.pem')} --auto-registration`);
    expect(said).not.toContain('PRIVATE KEY');
  });

  it.each([
    ['p384', 'ec'],
    ['rsa2048', 'rsa'],
    ['ed25519', 'ed25519'],
  ])('makes the kind of key that was asked for: %s', async (key, type) => {
    await pki('root', '--key', key);
    expect(certificate('root.pem').publicKey.asymmetricKeyType).toBe(type);
  });

  it('lasts as many days as were asked for', async () => {
    await pki('root', '--days', '7');
    const left = new Date(certificate('root.pem').validTo).getTime() - Date.now();
    expect(Math.round(left / 3_600_000)).toBe(7 * 24);
  });
});

describe('fleetgate pki below a root', () => {
  it('signs a device by the intermediate that is there, and writes the chain up to the root', async () => {
    await pki('root');
    await pki('intermediate', '--path-length', '0');
    const { out: said } = await pki('device', 'press-7');
    expect(certificate('press-7.pem').issuer).toBe('CN=Fleetgate Intermediate');
    expect(certificate('press-7.pem').verify(certificate('intermediate.pem').publicKey)).toBe(true);
    expect(text('press-7-chain.pem')).toBe(text('press-7.pem') + text('intermediate.pem') + text('root.pem'));
    expect(said).toContain(`npx fleetgate explain ${file('press-7-chain.pem')} --anchor ${file('root.pem')}`);
    expect(said).toContain(`--cert ${file('press-7-chain.pem')} --key ${file('press-7.key')} -i press-7 -t s/uat -e s/dat -n`);
  });

  it('signs a device by the root when there is no intermediate', async () => {
    await pki('root');
    await pki('device', 'press-7');
    expect(certificate('press-7.pem').issuer).toBe('CN=Fleetgate Root');
  });

  it('signs by whoever is named, in the directory or by a path', async () => {
    await pki('root');
    await pki('intermediate', 'Line 4', '--name', 'line-4');
    await pki('device', 'a', '--issuer', 'line-4');
    await pki('device', 'b', '--issuer', file('line-4.pem'));
    expect([certificate('a.pem').issuer, certificate('b.pem').issuer]).toEqual(['CN=Line 4', 'CN=Line 4']);
  });

  it('names the root’s own file to explain by, though it is called otherwise', async () => {
    await pki('root', '--name', 'works');
    const { out: said } = await pki('device', 'press-7', '--issuer', 'works');
    expect(said).toContain(`--anchor ${file('works.pem')}`);
  });

  it('names the issuer’s own file to explain by when the root lies elsewhere', async () => {
    await pki('root', '--out', file('elsewhere'));
    await pki('intermediate', '--issuer', file('elsewhere/root'));
    const { out: said } = await pki('device', 'press-7');
    expect(said).toContain(`--anchor ${file('intermediate.pem')}`);
  });

  it('makes a server certificate of several names, and shows the settings for it', async () => {
    await pki('root');
    const { out: said } = await pki('server', 'gate.example.com', '192.0.2.7');
    expect(certificate('server.pem').subjectAltName).toBe('DNS:gate.example.com, IP Address:192.0.2.7');
    expect(said).toContain(`FLEETGATE_TLS_CERT=${file('server-chain.pem')} FLEETGATE_TLS_KEY=${file('server.key')} npm start`);
  });

  it('makes a server certificate for localhost when no name is given', async () => {
    await pki('root');
    await pki('server');
    expect(certificate('server.pem').subjectAltName).toBe('DNS:localhost');
  });

  it.each([
    ['../../x', '__.._x'],
    ['-rf', '_rf'],
    ['a b*c', 'a_b_c'],
    ['Prüf', 'Pr_f'],
    ['日本', '__'],
    ['x'.repeat(254), 'x'.repeat(200)],
  ])('X26 writes into its directory only, whatever the device is called: %s', async (id, name) => {
    await pki('root');
    expect((await pki('device', '--', id)).code).toBe(0);
    const made = readdirSync(out).filter((each) => !each.startsWith('root'));
    expect(made.sort()).toEqual([`${name}-chain.pem`, `${name}.key`, `${name}.pem`].sort());
    expect(certificate(`${name}.pem`).subject).toBe(`CN=${id}`);
  });
});

describe('fleetgate pki --broken', () => {
  it('prints the faults of a kind, each with what is broken and how the gate answers', async () => {
    const { out: said, code } = await pki('device', '--broken', 'list');
    expect(code).toBe(0);
    for (const broken of BREAKAGES) {
      const { in: kinds, what, refused } = BREAKAGE_FACTS[broken];
      expect([broken, said.includes(`  ${broken} `)]).toEqual([broken, kinds.includes('device')]);
      if (kinds.includes('device')) expect(said.replace(/\s+/g, ' ')).toContain(`${broken} ${what} the gate answers ${refused}`);
    }
  });

  it('puts the fault in, into the name of the files too, and says so', async () => {
    await pki('root');
    const { out: said } = await pki('device', 'press-7', '--broken', 'expired');
    expect(new Date(certificate('press-7-expired.pem').validTo).getTime()).toBeLessThan(Date.now());
    expect(said).toContain('Broken on purpose (expired): its validity ended yesterday. The gate answers path.outside-validity.');
  });

  it('says nothing of the gate about a server, which the gate does not judge', async () => {
    await pki('root');
    const { out: said } = await pki('server', '--broken', 'expired');
    expect(said).toContain('Broken on purpose (expired): its validity ended yesterday.\n');
    expect((await pki('server', '--broken', 'list')).out).not.toContain('the gate answers');
  });

  it('keeps the detour of a path that is too long in the chain', async () => {
    await pki('root');
    await pki('device', 'press-7', '--broken', 'path-too-long');
    expect(blocksIn('press-7-path-too-long-chain.pem')).toBe(4);
  });

  it('explains a fault that a certificate of this kind cannot have', async () => {
    await pki('root');
    const { code, err } = await pki('device', 'press-7', '--broken', 'no-ca');
    expect([code, err]).toEqual([
      1,
      'error: A device certificate cannot be broken by no-ca: this fault goes into root or intermediate.\n',
    ]);
  });
});

describe('fleetgate pki, when something is wrong', () => {
  it('overwrites nothing unless it is told to, and then gives the key its rights again', async () => {
    await pki('root');
    const before = text('root.pem');
    const { code, err } = await pki('root');
    expect([code, text('root.pem')]).toEqual([1, before]);
    expect(err).toBe(`error: ${file('root.pem')}, ${file('root.key')} would be overwritten. Choose another --out or --name, or say --force.\n`);
    chmodSync(file('root.key'), 0o644);
    expect((await pki('root', '--force')).code).toBe(0);
    expect(text('root.pem')).not.toBe(before);
    expect(mode('root.key')).toBe('600');
  });

  it('says which issuers it looked for, and how to make one', async () => {
    const { code, err } = await pki('device', 'press-7');
    expect([code, err]).toEqual([
      1,
      `error: There is no issuer: looked for ${file('intermediate.pem')}, ${file('root.pem')}. Make one first with: npx fleetgate pki root --out ${out}\n`,
    ]);
  });

  it('says so when the key is not the issuer’s', async () => {
    await pki('root');
    await pki('root', '--name', 'other');
    writeFileSync(file('root.key'), text('other.key'));
    const { code, err } = await pki('device', 'press-7');
    expect([code, err]).toEqual([1, `error: ${file('root.key')} is not the key of ${file('root.pem')}.\n`]);
  });

  it('asks for the device id, with exit code 2', async () => {
    await pki('root');
    const { code, err } = await pki('device');
    expect([code, err]).toEqual([2, 'error: the device id is missing. Write: fleetgate pki device press-7\n']);
  });

  it.each([
    [['--days', '0'], 'Give a whole number from 1 to 100000.'],
    [['--days', '1e3'], 'Give a whole number from 1 to 100000.'],
    [['--key', 'rsa512'], 'Allowed choices are p256, p384, p521, rsa2048, rsa4096, ed25519.'],
    [['--broken', 'all'], 'Allowed choices are list, expired,'],
  ])('says what is allowed: %j', async (words, sentence) => {
    const { code, err } = await pki('root', ...words);
    expect(code).not.toBe(0);
    expect(err).toContain(sentence);
  });

  it.each(['root', 'intermediate', 'device', 'server'])('has help with examples: %s', async (kind) => {
    const { code, out: said } = await pki(kind, '--help');
    expect([code, said.includes(`Examples:\n  $ fleetgate pki ${kind}`)]).toEqual([0, true]);
  });
});
