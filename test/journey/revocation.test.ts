/** A certificate is revoked, held and released: at the door, in live sessions, for tokens everywhere, by the command line and by the compatible API. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWith, enter, itWith, knock, mosquittoRr, refusalIn, run, tokenOf, type Call, type Connected } from '../support/clients.ts';
import { derOf, OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { mint } from '../support/pki.ts';
import { aRunningGate } from '../support/running-gate.ts';

const STATED_MS = 2_000; // D-14
const SETTINGS = '/tenant/trusted-certificates/settings/crl';

/** A token shown where tokens count, and what it is told. */
const shown = async (gate: OperatedGate, jwt: string, http = gate.http) => {
  const bearer = { headers: { authorization: `Bearer ${jwt}` } };
  const user = await fetch(`http://127.0.0.1:${http}/user/currentUser`, bearer);
  const { details } = (await user.json()) as { details?: { code: string } };
  const forward = await fetch(`http://127.0.0.1:${http}/auth/forward`, bearer);
  await forward.body?.cancel();
  const introspected = await gate.main.call('/auth/introspect', { method: 'POST', body: new URLSearchParams({ token: jwt }) });
  return [user.status, details?.code, forward.status, ((await introspected.json()) as { active: boolean }).active];
};
const ALIVE = [200, undefined, 200, true];
const DEAD = [401, 'token.certificate-revoked', 401, false];

const goodbyeOf = async ({ gone }: Connected) => {
  const goodbye = await Promise.race([gone, pause(STATED_MS, 'still there' as const)]);
  return goodbye === 'still there' ? goodbye : [goodbye?.reasonCode, refusalIn(goodbye?.properties?.reasonString ?? '')];
};
const ENDED = [0x98, 'session.certificate-revoked'];

describeWith('openssl')('revocation', () => {
  const pki = new OpensslPki();
  let gate: OperatedGate;
  let root: Issued;
  let line: Issued;
  let count = 0;
  beforeAll(async () => {
    gate = await anOperatedGate();
    root = pki.root('/CN=Works Root');
    line = pki.intermediate(root, '/CN=Line 3');
    await gate.main.trusts(root);
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });

  interface Device extends Call {
    readonly leaf: Issued;
  }
  const aDevice = (issuer: Issued = root): Device => {
    const id = `press-${++count}`;
    const leaf = pki.device(issuer, `/CN=${id}`);
    return { leaf, port: gate.mqtts[0]!, caFile: gate.caFile, certFile: pki.chainFile(leaf.path.slice(0, -1)), keyFile: leaf.keyFile, clientId: id, version: 5 };
  };
  const serialOf = ({ pem }: Issued): string => new X509Certificate(pem).serialNumber.toLowerCase();
  const verdictOn = async (call: Call): Promise<readonly [number, string]> => {
    const { code, reason } = await knock(call);
    return [code, refusalIn(reason)];
  };
  const put = (crls: object[]) => gate.main.call(SETTINGS, { method: 'PUT', body: JSON.stringify({ crls }), headers: { 'content-type': 'application/json' } });

  it('X29 a stolen device: its session is gone within 2 s, its token is dead everywhere, and it is refused with code and reason', async () => {
    const [device, neighbour] = [aDevice(), aDevice()];
    const [connected, other] = [await enter(device), await enter(neighbour)];
    const [jwt, others] = [await tokenOf(connected), await tokenOf(other)];
    expect(await shown(gate, jwt)).toEqual(ALIVE);

    const revoked = await gate.cli('revoke', device.leaf.file, '--reason', 'keyCompromise', '--note', 'stolen on 3 May');
    expect([revoked.exit, revoked.err]).toEqual([0, '']);
    expect(revoked.out).toMatch(new RegExp(`^Revoked serial number ${serialOf(device.leaf)} of CN=works root since .*; 1 session ended\\.\n$`));
    expect(await goodbyeOf(connected)).toEqual(ENDED);
    expect(await shown(gate, jwt)).toEqual(DEAD);
    const refused = await knock(device);
    expect([refused.code, refusalIn(refused.reason)]).toEqual([0x87, 'revocation.revoked at depth 0']);
    expect(refused.reason).toContain('reason keyCompromise');
    expect((await knock({ ...device, version: 4 })).code).toBe(5);

    expect([await shown(gate, others), (await tokenOf(other)).length > 0]).toEqual([ALIVE, true]);
    expect((await gate.cli('revocations', 'list')).out).toContain('stolen on 3 May');
    expect((await gate.cli('release', device.leaf.file)).err).toContain('revocation.for-good');
    await other.client.endAsync();
  });

  itWith('mosquitto')('X29 refuses a revoked device with 5 as mosquitto hears it', async () => {
    const device: Call & { readonly leaf: Issued } = { ...aDevice(), version: 4 };
    expect((await mosquittoRr(device)).code).toBe(0);
    expect((await put([{ serialNumberInHex: serialOf(device.leaf) }])).status).toBe(204);
    const { code, err } = await mosquittoRr(device);
    expect([code, err]).toEqual([5, expect.stringContaining('Connection error')]);
  });

  it('X29 holds a lost device and lets it in again when it is found', async () => {
    const device = aDevice(line);
    const connected = await enter(device);
    const jwt = await tokenOf(connected);
    expect((await gate.cli('hold', '--fingerprint', device.leaf.fingerprint)).out).toContain('1 session ended.');
    expect([await goodbyeOf(connected), await shown(gate, jwt)]).toEqual([ENDED, DEAD]);
    expect(await verdictOn(device)).toEqual([0x8a, 'revocation.on-hold at depth 0']);
    expect((await gate.cli('release', device.leaf.file)).exit).toBe(0);
    expect([await shown(gate, jwt), (await knock(device)).code]).toEqual([ALIVE, 0]);
  });

  it('X29 revokes an intermediate CA by its serial number: everything below it, and nothing beside it', async () => {
    const [below, beside, next] = [aDevice(line), aDevice(pki.intermediate(root, '/CN=Line 4')), aDevice()];
    const all = await Promise.all([below, beside, next].map(enter));
    const jwts = await Promise.all(all.map(tokenOf));
    const form = new FormData();
    form.set('file', new Blob([`SERIALNO,DATE\n${serialOf(line)},2026-05-03T12:00:00.000Z\n`], { type: 'text/csv' }), 'revoked.csv');
    expect((await gate.main.call(SETTINGS, { method: 'PUT', body: form })).status).toBe(204);
    expect(await goodbyeOf(all[0]!)).toEqual(ENDED);
    expect(await Promise.all(jwts.map((jwt) => shown(gate, jwt)))).toEqual([DEAD, ALIVE, ALIVE]);
    expect(await Promise.all([below, aDevice(line)].map(verdictOn))).toEqual([[0x87, 'revocation.revoked at depth 1'], [0x87, 'revocation.revoked at depth 1']]);
    await Promise.all(all.slice(1).map(({ client }) => client.endAsync()));
    expect(await Promise.all([beside, next].map(async (call) => (await knock(call)).code))).toEqual([0, 0]);
  });

  it('X29 a thief who writes the issuer’s signature in its other valid form has another fingerprint, and is refused all the same', async () => {
    const device = aDevice();
    const twin = pki.newFile('twin.pem');
    writeFileSync(twin, turned(device.leaf));
    const twinPrint = new X509Certificate(turned(device.leaf)).fingerprint;
    expect(twinPrint).not.toBe(new X509Certificate(device.leaf.pem).fingerprint);
    expect((await knock({ ...device, certFile: twin })).code).toBe(0);
    expect((await knock(device)).code).toBe(0);
    await gate.cli('revoke', '--fingerprint', device.leaf.fingerprint);
    expect([await verdictOn({ ...device, certFile: twin }), await verdictOn(device)]).toEqual(Array(2).fill([0x87, 'revocation.revoked at depth 0']));
  });

  it('exports a CRL that openssl verifies with the certificate of its signer', async () => {
    const device = aDevice();
    await gate.cli('hold', device.leaf.file);
    const [list, signer] = [pki.newFile('revoked.crl'), pki.newFile('signer.pem')];
    expect((await gate.cli('revocations', 'export', '--out', list, '--signer', signer)).exit).toBe(0);
    const { code, out, err } = await run('openssl', ['crl', '-inform', 'DER', '-in', list, '-CAfile', signer, '-verify', '-noout', '-text']);
    expect([code, err]).toEqual([0, 'verify OK\n']);
    const entry = out.slice(out.indexOf(serialOf(device.leaf).toUpperCase()));
    expect(entry).toMatch(/Certificate Hold/);
  });

  it('T12 ends nothing of another tenant, whatever that one revokes', async () => {
    const b = await gate.tenant('b');
    const device = aDevice();
    const connected = await enter(device);
    const jwt = await tokenOf(connected);
    const json = (body: object): RequestInit => ({ method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
    for (const name of [{ certInPemFormat: device.leaf.pem }, { fingerprint: device.leaf.fingerprint }, { serialNumber: serialOf(device.leaf) }]) {
      for (const act of ['', '/hold']) {
        const answer = await b.call(`/fleetgate/revocations${act}`, json(name));
        expect([answer.status, ((await answer.json()) as { sessionsEnded: number }).sessionsEnded]).toEqual([201, 0]);
      }
    }
    expect([await shown(gate, jwt), (await tokenOf(connected)).length > 0]).toEqual([ALIVE, true]);
    await connected.client.endAsync();
    expect((await knock(device)).code).toBe(0);
  });

  it('F01 outlives a crash: what was revoked stays so, and its tokens stay dead', async () => {
    const device = aDevice();
    const jwt = await tokenOf(await enter(device));
    await gate.cli('revoke', device.leaf.file);
    gate.process.kill('SIGKILL');
    await gate.ended;
    const after = await aRunningGate({ dataDir: gate.dataDir });
    try {
      expect((await fetch(`http://127.0.0.1:${after.http}/user/currentUser`, { headers: { authorization: `Bearer ${jwt}` } })).status).toBe(401);
      expect(await verdictOn({ ...device, port: after.mqtts[0]! })).toEqual([0x87, 'revocation.revoked at depth 0']);
    } finally {
      await after.remove();
    }
  });
});

const SESSIONS = Number(process.env['REVOKED_SESSIONS'] ?? 100);
const AT_ONCE = 20;

describe(`${SESSIONS} sessions (REVOKED_SESSIONS; npm run test:revocation has 1,000)`, () => {
  let folder: string;
  let gate: OperatedGate;
  let ca: { readonly pem: string; readonly fingerprint: string };
  let line: Awaited<ReturnType<typeof mint.intermediate>>;
  let calls: readonly (Call & { readonly serial: string })[];
  const filed = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fleetgate-revoked-'));
    gate = await anOperatedGate({ env: { FLEETGATE_HANDSHAKES_PER_ADDRESS: '64' } });
    const root = await mint.root({ commonName: 'Works Root' });
    line = await mint.intermediate(root, { commonName: 'Line 3' });
    ca = { pem: root.certificatePem, fingerprint: new X509Certificate(root.certificatePem).fingerprint.replaceAll(':', '').toLowerCase() };
    await gate.main.trusts(ca);
    calls = await Promise.all(
      Array.from({ length: SESSIONS }, async (_, n) => {
        const device = await mint.device(line, { commonName: `press-${n}` });
        const [certFile, keyFile] = [filed(`${n}.pem`, device.certificatePem + line.certificatePem), filed(`${n}.key`, device.keyPem)];
        return { port: gate.mqtts[0]!, caFile: gate.caFile, certFile, keyFile, clientId: `press-${n}`, version: 5 as const, serial: new X509Certificate(device.certificatePem).serialNumber };
      }),
    );
  });
  afterAll(async () => {
    await gate?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const allIn = async (): Promise<readonly Connected[]> => {
    const connected: Connected[] = [];
    for (let from = 0; from < SESSIONS; from += AT_ONCE) connected.push(...(await Promise.all(calls.slice(from, from + AT_ONCE).map(enter))));
    return connected;
  };
  const send = (method: string, path: string, body?: object) => gate.main.call(path, { method, ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) });
  const anchor = () => `/tenant/tenants/main/trusted-certificates/${ca.fingerprint}`;

  it.each<[string, number, () => Promise<Response>, () => Promise<unknown>]>([
    ['their CA is held', 0x98, () => send('POST', '/fleetgate/revocations/hold', { certInPemFormat: line.certificatePem }), () => send('POST', '/fleetgate/revocations/release', { certInPemFormat: line.certificatePem })],
    ['their trusted CA is disabled', 0x87, () => send('PUT', anchor(), { status: 'DISABLED' }), () => send('PUT', anchor(), { status: 'ENABLED' })],
    ['their trusted CA is deleted', 0x87, () => send('DELETE', anchor()), () => gate.main.trusts(ca)],
    ['each of them is revoked by its serial number', 0x98, () => send('PUT', SETTINGS, { crls: calls.map(({ serial }) => ({ serialNumberInHex: serial })) }), async () => 'for good'],
  ])('all end, and tokens are dead, within 2 s when %s', async (what, code, act, undo) => {
    const connected = await allIn();
    const jwts = await Promise.all(connected.slice(0, 10).map(tokenOf));
    const begin = performance.now();
    const gone = Promise.all(connected.map(async (each) => [(await each.gone)?.reasonCode, performance.now() - begin] as const));
    expect((await act()).ok).toBe(true);
    const answered = performance.now() - begin;
    for (const jwt of jwts) expect((await shown(gate, jwt))[0]).toBe(401);
    const ends = await gone;
    const last = Math.max(...ends.map(([, ms]) => ms));
    process.stdout.write(`${SESSIONS} sessions, ${what}: answered after ${answered.toFixed(0)} ms, the last session ended after ${last.toFixed(0)} ms\n`);
    expect(new Set(ends.map(([reason]) => reason))).toEqual(new Set([code]));
    expect(last).toBeLessThan(STATED_MS);
    await undo();
  }, 60_000 + SESSIONS * 100);

  it('and they stay out', async () => {
    const heard = await knock(calls[0]!);
    expect([heard.code, refusalIn(heard.reason)]).toEqual([0x87, 'revocation.revoked at depth 0']);
  });
});

/** The order of P-256 (FIPS 186-4 D.1.2.3). */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The same certificate with the signature (r, n − s), which verifies as (r, s) does, and which needs no key to make. */
function turned(issued: Issued): string {
  const der = Buffer.from(derOf(issued));
  // SEQUENCE { tbs, algorithm, BIT STRING { 00, SEQUENCE { INTEGER r, INTEGER s } } }: the signature is the end of it.
  const start = der.lastIndexOf(Buffer.from('06082a8648ce3d040302', 'hex')) + 10;
  const body = der.subarray(start + 3);
  const rLength = body[3]!;
  const r = body.subarray(4, 4 + rLength);
  const s = BigInt(`0x${body.subarray(6 + rLength).toString('hex')}`);
  const integer = (value: Buffer): Buffer => Buffer.concat([Buffer.from([0x02, value.length]), value]);
  const hex = (N - s).toString(16);
  const positive = Buffer.from((/^[89a-f]/.test(hex) && hex.length % 2 === 0 ? '00' : '') + (hex.length % 2 ? '0' : '') + hex, 'hex');
  const pair = Buffer.concat([integer(r), integer(positive)]);
  const signature = Buffer.concat([Buffer.from([0x03, pair.length + 3, 0x00, 0x30, pair.length]), pair]);
  const outer = der.readUInt16BE(2) + signature.length - (der.length - start);
  const whole = Buffer.concat([der.subarray(0, start), signature]);
  whole.writeUInt16BE(outer, 2);
  return `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').match(/.{1,64}/g)!.join('\n')}\n-----END CERTIFICATE-----\n`;
}
