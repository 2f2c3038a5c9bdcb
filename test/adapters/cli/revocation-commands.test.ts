import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { aDevice } from '../../support/pki.ts';
import { cliAtFakeApi } from './cli-at-fake-api.ts';
import { folderForEachTest } from './folder-for-each-test.ts';

const { answering, run, asked } = cliAtFakeApi();
const { path: dir, fileOf } = folderForEachTest();

const PATH = '/fleetgate/revocations';
const HOLD = { source: 'hold', serialNumber: '0a1f', reason: 'certificateHold', since: '2026-05-03T12:00:00.000Z', by: 't1/ada' };
const GOOD = { ...HOLD, source: 'manual', issuer: 'CN=works ca', fingerprint: 'ab'.repeat(20), reason: 'keyCompromise', note: 'stolen\u001b[2J' };

describe('fleetgate revoke', () => {
  it('sends the certificate of a file, with reason, time and note, and says how many sessions ended', async () => {
    await answering(() => ({ status: 201, body: { revocation: GOOD, sessionsEnded: 1 } }));
    const { certificatePem } = await aDevice();
    const ran = await run(['revoke', await fileOf('press-7.pem', certificatePem), '--reason', 'keyCompromise', '--since', '2026-05-03T14:00:00+02:00', '--note', 'stolen']);
    expect(ran).toEqual({ exit: 0, out: 'Revoked serial number 0a1f of CN=works ca since 2026-05-03T12:00:00.000Z; 1 session ended.\n', err: '' });
    expect(asked()).toEqual([[`POST ${PATH}`, { certInPemFormat: certificatePem, reason: 'keyCompromise', since: '2026-05-03T12:00:00.000Z', note: 'stolen' }]]);
  });

  it.each([
    [['--serial', '0a1f'], { serialNumber: '0a1f' }],
    [['--serial', '0a1f', '--issuer', '1f0c'], { serialNumber: '0a1f', issuer: '1f0c' }],
    [['--fingerprint', 'ab:cd'], { fingerprint: 'ab:cd' }],
  ])('sends a name instead: %j', async (options, body) => {
    await answering(() => ({ body: { revocation: { ...HOLD, fingerprint: undefined }, sessionsEnded: 0 } }));
    expect((await run(['revoke', ...options])).out).toBe('Revoked serial number 0a1f of any issuer since 2026-05-03T12:00:00.000Z; 0 sessions ended.\n');
    expect(asked()).toEqual([[`POST ${PATH}`, body]]);
  });

  it.each<[string, readonly string[], string]>([
    ['no name', [], 'Name one certificate'],
    ['two names', ['--serial', '01', '--fingerprint', 'ab'], 'Name one certificate'],
    ['a file and a name', ['x.pem', '--serial', '01'], 'Name one certificate'],
    ['an issuer beside a fingerprint', ['--fingerprint', 'ab', '--issuer', 'cd'], '--issuer goes with --serial only'],
    ['a file that is not there', ['/nowhere/x.pem'], 'ENOENT'],
    ['a reason of nobody', ['--serial', '01', '--reason', 'stolen'], 'Allowed choices are unspecified, keyCompromise'],
    ['a hold for good', ['--serial', '01', '--reason', 'certificateHold'], 'Allowed choices are'],
    ['a time that is none', ['--serial', '01', '--since', '3 May'], 'Give a time such as'],
    ['a day that no month has', ['--serial', '01', '--since', '2026-02-30T12:00:00Z'], 'Give a time such as'],
    ['a time of nobody knows which zone', ['--serial', '01', '--since', '2026-05-03T12:00:00'], 'Give a time such as'],
  ])('asks the server nothing for %s', async (_what, line, words) => {
    const ran = await run(['revoke', ...line]);
    expect([ran.exit, ran.out, ran.err]).toEqual([2, '', expect.stringContaining(words)]);
  });

  it('never sends a key', async () => {
    await answering(() => ({ body: {} }));
    const { keyPem, certificatePem } = await aDevice();
    const ran = await run(['revoke', await fileOf('both.pem', certificatePem + keyPem)]);
    expect([ran.exit, ran.err]).toEqual([2, expect.stringContaining('holds a private key. Nothing was sent.')]);
    expect(asked()).toEqual([]);
  });

  it('ends with 3 and the server’s words where it is refused', async () => {
    await answering(() => ({ status: 422, body: { error: 'certificate/Unprocessable Entity', message: 'revocation.malformed-serial-number: …', details: { code: 'revocation.malformed-serial-number' } } }));
    expect(await run(['revoke', '--serial', 'xyz'])).toMatchObject({ exit: 3, out: '', err: expect.stringContaining('revocation.malformed-serial-number') });
  });
});

describe('fleetgate hold and release', () => {
  it('hold a certificate and release it', async () => {
    await answering(({ what }) => (what.endsWith('/hold') ? { status: 201, body: { revocation: HOLD, sessionsEnded: 2 } } : { body: { released: [HOLD, { ...HOLD, serialNumber: undefined, fingerprint: 'ab'.repeat(20) }], isStillRevoked: false } }));
    expect((await run(['hold', '--serial', '0a1f', '--note', 'lost'])).out).toBe('Holds serial number 0a1f of any issuer since 2026-05-03T12:00:00.000Z; 2 sessions ended.\n');
    expect((await run(['release', '--serial', '0a1f'])).out).toBe(`Released serial number 0a1f of any issuer.\nReleased fingerprint ${'ab'.repeat(20)}.\n`);
    expect(asked()).toEqual([[`POST ${PATH}/hold`, { serialNumber: '0a1f', note: 'lost' }], [`POST ${PATH}/release`, { serialNumber: '0a1f' }]]);
  });

  it('release warns when something else still says no', async () => {
    await answering(() => ({ body: { released: [HOLD], isStillRevoked: true } }));
    expect((await run(['release', '--serial', '0a1f'])).out).toContain('warning: it is revoked for good all the same, and stays out.');
  });
});

describe('fleetgate revocations', () => {
  it('list prints all pages, and nothing that a terminal would obey', async () => {
    await answering(({ what }) => ({ body: what.includes('currentPage=1') ? { revocations: [HOLD], next: 'x' } : { revocations: [GOOD, { ...HOLD, serialNumber: undefined, fingerprint: 'cd'.repeat(20) }] } }));
    const { out } = await run(['revocations', 'list']);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^SINCE +SOURCE +SERIAL NUMBER +REASON +BY +ISSUER OR FINGERPRINT +NOTE$/),
      expect.stringMatching(/^2026-05-03T12:00:00.000Z {2}hold +0a1f +certificateHold +t1\/ada {2}any issuer$/),
      expect.stringMatching(/CN=works ca +stolen\\x1b\[2J$/),
      expect.stringMatching(/ - +certificateHold +t1\/ada {2}(cd){20}$/),
      '',
    ]);
    expect(JSON.parse((await run(['revocations', 'list', '--source', 'hold', '--json'])).out)).toHaveLength(3);
    expect(asked().at(-1)).toBe(`GET ${PATH}?pageSize=2000&currentPage=2&source=hold`);
  });

  it('export prints the list as PEM, or writes it and the certificate of its signer', async () => {
    await answering(({ what }) => ({ body: what.includes('settings/crl') ? 'the list, \u00e9' : 'the signer' }));
    const base64 = Buffer.from('the list, \u00e9').toString('base64');
    const crl = `-----BEGIN X509 CRL-----\n${base64}\n-----END X509 CRL-----\n`;
    expect((await run(['revocations', 'export'])).out).toBe(crl);
    const [out, signer] = [join(dir(), 'revoked.crl'), join(dir(), 'signer.pem')];
    expect((await run(['revocations', 'export', '--out', out, '--signer', signer])).out).toBe(`Wrote the list to ${out}.\nWrote the certificate of its signer to ${signer}.\n`);
    expect([await readFile(out, 'utf8'), await readFile(signer, 'utf8')]).toEqual(['the list, \u00e9', expect.stringContaining('BEGIN CERTIFICATE')]);
    expect(JSON.parse((await run(['revocations', 'export', '--json'])).out)).toEqual({ crl, signer: expect.stringContaining('BEGIN CERTIFICATE') });
    expect((await run(['revocations', 'export', '--out', '/nowhere/x'])).exit).toBe(1);
  });

  it('export tells what the server refuses', async () => {
    await answering(() => ({ status: 403, body: { error: 'security/Forbidden', message: 'Access is denied.' } }));
    expect(await run(['revocations', 'export'])).toMatchObject({ exit: 3, out: '', err: expect.stringContaining('Access is denied.') });
  });
});
