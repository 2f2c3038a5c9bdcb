import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { FileServerCredentials } from '../../../src/adapters/credentials/file-server-credentials.ts';
import { openServerCredentials, type OpenCredentialsNeeds } from '../../../src/adapters/credentials/open-server-credentials.ts';
import { PeculiarCertificateMint } from '../../../src/adapters/pki/mint/peculiar-certificate-mint.ts';
import { FileKeySeal } from '../../../src/adapters/signing/file-key-seal.ts';
import { sealAnew } from '../../../src/adapters/signing/keys-at-rest.ts';
import { pemKeysAtRest } from '../../../src/adapters/signing/pem-keys-at-rest.ts';
import { readSealingKeys } from '../../../src/adapters/signing/sealing-keys.ts';
import type { Minted } from '../../../src/ports/driven/certificate-mint.ts';
import { keyBegin } from '../../support/key-armour.ts';
import { anIntermediate, aRoot, aServer, mint, temporaryDirectory } from '../../support/pki.ts';
import { recordingLog, type LogLine } from '../../support/recording-log.ts';

const DAY = 86_400_000;
const TIMES = { pollMs: 20, settleMs: 20 };
const later = (days: number): Date => new Date(Date.now() + days * DAY);

let directory: ReturnType<typeof temporaryDirectory>;
const open: FileServerCredentials[] = [];
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
  directory.remove();
});

const path = (...parts: string[]): string => join(directory.path, ...parts);

/** A log whose lines can be waited for. */
function aLog() {
  let wake = (): void => undefined;
  const { log: port, lines } = recordingLog(() => wake());
  return {
    lines,
    port,
    line: (part: string, after = 0): Promise<LogLine> =>
      new Promise((resolve) => {
        wake = () => {
          const found = lines.slice(after).find(({ sentence }) => sentence.includes(part));
          if (found) resolve(found);
        };
        wake();
      }),
  };
}

async function openWith(settings: Partial<OpenCredentialsNeeds['settings']> = {}, now: () => Date = () => new Date(), sealing?: string) {
  const log = aLog();
  const clock = { now };
  const credentials = await openServerCredentials({
    settings: { dataDir: path('data'), serverNames: [], ...settings },
    mint: new PeculiarCertificateMint({ clock }),
    seal: new FileKeySeal({ file: sealing }),
    clock,
    log: log.port,
    times: TIMES,
  });
  open.push(credentials);
  return { credentials, log };
}

/** Writes a pair, key first, and each by renaming over what was there. */
function put({ certificatePem }: Pick<Minted, 'certificatePem'>, { keyPem }: Pick<Minted, 'keyPem'>): { tlsCert: string; tlsKey: string } {
  for (const [name, text] of [['key.pem', keyPem], ['cert.pem', certificatePem]] as const) {
    writeFileSync(path(`${name}.new`), text);
    renameSync(path(`${name}.new`), path(name));
  }
  return { tlsCert: path('cert.pem'), tlsKey: path('key.pem') };
}

let server: Minted;
let other: Minted;
beforeAll(async () => {
  server = await aServer();
  other = await aServer(undefined, ['next.example', '192.0.2.9']);
});

describe('the files that an operator names', () => {
  it('are shown to clients, and their names and end are logged, but never the key', async () => {
    const { credentials, log } = await openWith(put(server, server));
    const current = credentials.current();
    expect(new X509Certificate(current.cert).raw.equals(server.der)).toBe(true);
    expect(current).toMatchObject({ names: ['localhost', '127.0.0.1', '0:0:0:0:0:0:0:1'], notAfter: new X509Certificate(server.certificatePem).validToDate });
    expect(current).not.toHaveProperty('developmentCaFile');
    expect(log.lines).toMatchObject([{ level: 'info', facts: { names: current.names, key: 'ec prime256v1' } }]);
    expect(JSON.stringify(log.lines)).not.toContain('PRIVATE KEY');
    expect(readdirSync(directory.path).sort()).toEqual(['cert.pem', 'key.pem']);
  });

  it('may hold intermediates, text between the blocks, CRLF, and a SEC1 key', async () => {
    const middle = await anIntermediate();
    const leaf = await mint.server(middle, ['localhost'], { commonName: 'localhost' });
    const sec1 = createPrivateKey(leaf.keyPem).export({ type: 'sec1', format: 'pem' }) as string;
    const text = `subject=localhost\n${leaf.certificatePem}issuer\n${middle.certificatePem}`.replaceAll('\n', '\r\n');
    const { credentials, log } = await openWith(put({ certificatePem: text }, { keyPem: sec1 }));
    expect(credentials.current().cert.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(credentials.current().key).toMatch(new RegExp(`^${keyBegin()}`));
    expect(log.lines.map(({ level }) => level)).toEqual(['info']);
  });

  const encrypted = (): string =>
    createPrivateKey(server.keyPem).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }) as string;
  it.each<[string, () => Promise<readonly [string, string]> | readonly [string, string], RegExp]>([
    ['a key of another certificate', () => [server.certificatePem, other.keyPem], /key\.pem: the key does not belong to the certificate in .*cert\.pem/],
    ['the CA before the server', async () => [(await aRoot()).certificatePem + server.certificatePem, server.keyPem], /the key belongs to certificate 2 of the file\. Put the server's certificate first/],
    ['no certificate', () => ['', server.keyPem], /cert\.pem: it holds no "-----BEGIN CERTIFICATE-----" block/],
    ['a key in place of the certificate', () => [server.keyPem, server.keyPem], /cert\.pem: it holds no "-----BEGIN CERTIFICATE-----" block/],
    ['a damaged certificate', () => [server.certificatePem.replace(/M/g, 'N'), server.keyPem], /cert\.pem: certificate 1 of 1 cannot be read/],
    ['no key', () => [server.certificatePem, server.certificatePem], new RegExp(`key\\.pem: it holds no "${keyBegin()}" block`)],
    ['a damaged key', () => [server.certificatePem, server.keyPem.replace('\nMIGH', '\nNIGH')], /key\.pem: the private key cannot be read/],
    ['an encrypted key', () => [server.certificatePem, encrypted()], /key\.pem: the key is encrypted.*openssl pkey -in/],
    ['an expired certificate', async () => pairOf(await aServer(undefined, undefined, { broken: 'expired' })), /cert\.pem: the certificate expired on .*\. Renew it/],
    ['one that is not valid yet', async () => pairOf(await aServer(undefined, undefined, { broken: 'not-yet-valid' })), /cert\.pem: the certificate is valid only from .* on\. Check the clock/],
    ['an RSA key that TLS finds too short', async () => pairOf(await aServer(undefined, undefined, { broken: 'weak-rsa' })), /cert\.pem: TLS cannot use this certificate \(ERR_SSL_EE_KEY_TOO_SMALL\)/],
  ])('keep the server from starting, with a sentence, when they hold %s', async (_fault, texts, sentence) => {
    const [certificatePem, keyPem] = await texts();
    const failure = await openWith(put({ certificatePem }, { keyPem })).catch((error: Error) => error);
    expect((failure as Error).message).toMatch(sentence);
    expect((failure as Error).message).toMatch(/^The server cannot start without a usable TLS certificate\. /);
  });

  it('keep the server from starting when one is not there, and say which', async () => {
    const settings = put(server, server);
    await expect(openWith({ ...settings, tlsKey: path('none.pem') })).rejects.toThrow(/none\.pem: the file cannot be read \(ENOENT\)/);
    await expect(openWith({ tlsCert: settings.tlsCert })).rejects.toThrow('FLEETGATE_TLS_CERT and FLEETGATE_TLS_KEY belong together');
  });

  it.each<[string, () => Promise<readonly [string, string]>, RegExp]>([
    ['it ends in 29 days', async () => pairOf(await aServer(undefined, undefined, { notAfter: later(29.5) })), /expires in 29 days/],
    ['a stranger follows it', async () => [server.certificatePem + other.certificatePem, server.keyPem], /certificate 2 is not the issuer of the one before it/],
  ])('are taken with a warning when %s', async (_why, texts, sentence) => {
    const [certificatePem, keyPem] = await texts();
    const { log } = await openWith(put({ certificatePem }, { keyPem }));
    expect(log.lines.filter(({ level }) => level === 'warn').map(({ sentence: text }) => text)).toEqual([expect.stringMatching(sentence)]);
  });

  it('are taken without a warning when they last for 31 days', async () => {
    const lasting = await aServer(undefined, undefined, { notAfter: later(31) });
    expect((await openWith(put(lasting, lasting))).log.lines.map(({ level }) => level)).toEqual(['info']);
  });
});

const pairOf = ({ certificatePem, keyPem }: Minted): readonly [string, string] => [certificatePem, keyPem];

describe('a change of the files', () => {
  const names = ({ credentials }: { credentials: FileServerCredentials }): readonly string[] => credentials.current().names;

  it('F20 is taken over when they are replaced by renaming, and listeners are told of it once, after it took effect', async () => {
    const opened = await openWith(put(server, server));
    const told: (readonly string[])[] = [];
    opened.credentials.onChange((credential) => told.push(credential.names, names(opened)));
    const stop = opened.credentials.onChange(() => told.push(['never']));
    stop();
    put(other, other);
    await opened.log.line('From now on');
    expect(told).toEqual([['next.example', '192.0.2.9'], ['next.example', '192.0.2.9']]);
  });

  it('is taken over when a symbolic link to their directory is swapped, as Kubernetes does', async () => {
    for (const [name, { certificatePem, keyPem }] of [['one', server], ['two', other]] as const) {
      mkdirSync(path(name));
      writeFileSync(path(name, 'tls.crt'), certificatePem);
      writeFileSync(path(name, 'tls.key'), keyPem);
    }
    symlinkSync('one', path('..data'));
    const opened = await openWith({ tlsCert: path('..data', 'tls.crt'), tlsKey: path('..data', 'tls.key') });
    symlinkSync('two', path('..tmp'));
    renameSync(path('..tmp'), path('..data'));
    await opened.log.line('From now on');
    expect(names(opened)).toContain('next.example');
  });

  it('is taken over on SIGHUP', async () => {
    const { tlsCert, tlsKey } = put(server, server);
    // A process of its own: the one of the tests gets no signals.
    const child = spawn(process.execPath, [join(import.meta.dirname, 'hears-sighup.ts'), tlsCert, tlsKey], { stdio: ['pipe', 'pipe', 'inherit'] });
    const line = async (): Promise<string> => String((await once(child.stdout, 'data'))[0]);
    expect(await line()).toContain('localhost');
    put(other, other);
    child.kill('SIGHUP');
    expect(await line()).toContain('next.example');
    child.stdin.end();
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  it('is not looked for any more after the end', async () => {
    const settings = put(server, server);
    const ended = await openWith(settings);
    expect(process.listenerCount('SIGHUP')).toBe(1);
    ended.credentials.close();
    expect(process.listenerCount('SIGHUP')).toBe(0);
    const live = await openWith(settings);
    for (const [certificate, name] of [[other, 'next.example'], [server, 'localhost']] as const) {
      const lines = live.log.lines.length;
      put(certificate, certificate);
      await live.log.line('From now on', lines);
      expect(names(live)).toContain(name);
    }
    expect(ended.log.lines.map(({ level }) => level)).toEqual(['info']);
  });

  it.each<[string, () => void, string]>([
    ['do not fit', () => void put(server, other), 'the key does not belong'],
    ['are cut off', () => writeFileSync(path('cert.pem'), server.certificatePem.slice(0, 200)), 'it holds no'],
    ['are gone', () => unlinkSync(path('key.pem')), 'cannot be read (ENOENT)'],
  ])('S14 keeps the former pair when the new files %s, says why, and takes the next good one', async (_how, spoil, why) => {
    const opened = await openWith(put(server, server));
    const before = opened.credentials.current();
    const told: unknown[] = [];
    opened.credentials.onChange((credential) => told.push(credential));
    spoil();
    const line = await opened.log.line('the former one stays');
    expect(line.level).toBe('error');
    expect(line.sentence).toContain(why);
    expect(opened.credentials.current()).toBe(before);
    expect(told).toEqual([]);
    put(other, other);
    await opened.log.line('From now on');
    expect(names(opened)).toContain('next.example');
    expect(told).toHaveLength(1);
  });

  it('that changes nothing is not told', async () => {
    const { credentials } = await openWith(put(server, server));
    const told: unknown[] = [];
    credentials.onChange((credential) => told.push(credential));
    expect(await credentials.reload()).toBe(false);
    expect(told).toEqual([]);
  });

  it('reaches every listener, also when one fails', async () => {
    const { credentials, log } = await openWith(put(server, server));
    const told: unknown[] = [];
    credentials.onChange(() => {
      throw new Error('a defect');
    });
    credentials.onChange((credential) => told.push(credential));
    put(other, other);
    await log.line('From now on');
    expect(told).toHaveLength(1);
    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});

describe('without files of an operator', () => {
  const read = (name: string): string => readFileSync(path('data', 'tls', name), 'latin1');
  const own = hostname().toLowerCase();

  it('a development CA and a server certificate are made, kept from others, and announced by one warning', async () => {
    const { credentials, log } = await openWith({ serverNames: ['fleet.example', '192.0.2.5'] });
    const { names, developmentCaFile, cert } = credentials.current();
    expect(developmentCaFile).toBe(path('data', 'tls', 'ca.pem'));
    expect(names).toEqual(['localhost', '127.0.0.1', '0:0:0:0:0:0:0:1', own, 'fleet.example', '192.0.2.5']);
    const [leaf, ca] = [new X509Certificate(cert), new X509Certificate(read('ca.pem'))];
    expect(leaf.verify(ca.publicKey) && leaf.checkIssued(ca) && ca.ca).toBe(true);
    expect(leaf.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    const modes = ['.', 'ca.pem', 'ca-key.pem', 'server.pem', 'server-key.pem'].map((name) => (statSync(path('data', 'tls', name)).mode & 0o777).toString(8));
    expect(modes).toEqual(['700', '644', '600', '644', '600']);
    expect(readdirSync(path('data', 'tls'))).toHaveLength(4);
    const warnings = log.lines.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ sentence }) => sentence)).toEqual([expect.stringContaining(`development CA made by Fleetgate. Clients must trust ${developmentCaFile}`)]);
  });

  it('they are used again at the next start', async () => {
    const first = await openWith();
    const second = await openWith();
    expect(second.credentials.current()).toEqual(first.credentials.current());
    expect(second.log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['it nears its end', () => openWith({}, () => later(370))],
    ['it has ended', () => openWith({}, () => later(500))],
    ['a name is wanted that it lacks', () => openWith({ serverNames: ['new.example'] })],
    ['its key is lost', async () => (rmSync(path('data', 'tls', 'server-key.pem')), openWith())],
    ['its file is damaged', async () => (writeFileSync(path('data', 'tls', 'server.pem'), 'x'), openWith())],
  ])('the certificate is made anew below the same CA when %s', async (_why, again) => {
    await openWith();
    const [ca, certificate] = [read('ca.pem'), read('server.pem')];
    await again();
    expect(read('ca.pem')).toBe(ca);
    expect(read('server.pem')).not.toBe(certificate);
    expect(new X509Certificate(read('server.pem')).verify(new X509Certificate(ca).publicKey)).toBe(true);
  });

  it('a name that is no longer wanted is left out', async () => {
    await openWith({ serverNames: ['old.example'] });
    expect((await openWith()).credentials.current().names).not.toContain('old.example');
  });

  it('both are made anew when the CA is lost or has ended', async () => {
    await openWith();
    const ca = read('ca.pem');
    rmSync(path('data', 'tls', 'ca-key.pem'));
    await openWith();
    expect(read('ca.pem')).not.toBe(ca);
    expect(new X509Certificate(read('server.pem')).verify(new X509Certificate(read('ca.pem')).publicKey)).toBe(true);
    await openWith({}, () => later(3_700));
    expect(new X509Certificate(read('ca.pem')).validToDate.getTime()).toBeGreaterThan(later(7_000).getTime());
  });

  it('their keys are sealed where the operator named a sealing key, and the same certificate is shown; with another key it does not start and makes none', async () => {
    const sealing = path('sealing-key');
    const has = (...keys: readonly string[]): void => writeFileSync(sealing, keys.join('\n'));
    const [former, next] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
    const texts = (): string[] => ['ca.pem', 'ca-key.pem', 'server.pem', 'server-key.pem'].map(read);
    has(former);
    const { credentials } = await openWith({}, undefined, sealing);
    const made = texts();
    expect(made.join('')).not.toContain('PRIVATE KEY');
    expect((await openWith({}, undefined, sealing)).credentials.current()).toEqual(credentials.current());
    await openWith({ serverNames: ['new.example'] }, undefined, sealing);
    expect(texts().map((text, i) => text === made[i])).toEqual([true, true, false, false]);
    expect(texts().join('')).not.toContain('PRIVATE KEY');
    // As the operator's own pair, too.
    const files = { tlsCert: path('data', 'tls', 'server.pem'), tlsKey: path('data', 'tls', 'server-key.pem') };
    expect((await openWith(files, undefined, sealing)).credentials.current().names).toContain('new.example');
    const before = texts();
    has(next);
    await expect(openWith({}, undefined, sealing)).rejects.toThrow(/sealed under the key [0-9a-f]{16}, which is not in the file/);
    await expect(openWith(files, undefined, sealing)).rejects.toThrow(/server-key\.pem: the key cannot be opened: it is sealed under the key/);
    expect(texts()).toEqual(before);
  });

  it('a key that is sealed anew while the server runs changes nothing for clients, and is read when it must be', async () => {
    const sealing = path('sealing-key');
    const [former, next] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
    writeFileSync(sealing, former);
    const { credentials, log } = await openWith({}, undefined, sealing);
    const shown = credentials.current();
    const lines = log.lines.length;
    writeFileSync(sealing, `${next}\n${former}\n`);
    await sealAnew(await pemKeysAtRest({ dataDir: path('data') }), readSealingKeys(sealing));
    writeFileSync(sealing, next);
    expect(await credentials.reload()).toBe(false);
    expect([credentials.current(), log.lines.length]).toEqual([shown, lines]);
  });

  it('SIGHUP still ends the process, as a closed terminal should', async () => {
    await openWith();
    expect(process.listenerCount('SIGHUP')).toBe(0);
  });
});
