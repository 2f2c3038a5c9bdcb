import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { nameKeyText } from '../../../src/domain/certificates/distinguished-name.ts';
import type { Minted } from '../../../src/ports/driven/certificate-mint.ts';
import { aFingerprint, aName, aTenantId } from '../../support/certificate-builders.ts';
import { keyBlock } from '../../support/key-armour.ts';
import { aDevice, aRoot, derChain } from '../../support/pki.ts';
import { anApi, INFO, type Api } from './an-api.ts';

const SETTINGS = '/tenant/trusted-certificates/settings/crl';
const PATH = '/fleetgate/revocations';
const WRONG_DATE = "Unsupported date time format, supported format:yyyy-MM-dd'T'HH:mm:ss.SSS'Z'";

let api: Api;
let root: Minted;
let device: Minted;
beforeEach(async () => {
  api = await anApi();
  root = await aRoot();
  device = await aDevice(root);
  await api.trust(root, { autoRegistrationEnabled: true });
  api.events.length = 0;
});
afterEach(() => api.close());

const said = async (tenant = 'main') => (await api.revocations.listOf(aTenantId(tenant), ['manual', 'hold'], { number: 1, size: 100 })).items;
const serialOf = ({ certificatePem }: Minted): string => new X509Certificate(certificatePem).serialNumber.toLowerCase();
const admits = async (): Promise<unknown> => {
  const verdict = await api.needs.gate.admit({ chain: derChain(device), handshakeBytes: 3000, clientId: '', acceptsAssignedId: true, from: '192.0.2.7' });
  return verdict.granted || verdict.refusal.code;
};
const put = (payload: object | string, as: 'main/admin' | 'main/reader' | 'main/nobody' | 'other/admin' = 'main/admin') => api.ask(`PUT ${SETTINGS}`, { as, payload });
const upload = async (file: string | Uint8Array<ArrayBuffer>, part = 'file') => {
  const form = new FormData();
  form.append(part, new Blob([file], { type: 'text/csv' }), 'revoked.csv');
  const sent = new Response(form);
  return api.ask(`PUT ${SETTINGS}`, { as: 'main/admin', payload: Buffer.from(await sent.arrayBuffer()), headers: { 'content-type': sent.headers.get('content-type')! } });
};
const now = () => api.clock.now().toISOString();

describe('Serial numbers by the compatible API (wire-contract §1.9)', () => {
  it('X29 are revoked for good: 204, the session ended, the device refused', async () => {
    expect(await admits()).toBe(true);
    const answer = await put({ crls: [{ serialNumberInHex: serialOf(device).replace(/^0/, ''), revocationDate: '2026-05-03T12:00:00.000Z', more: 1 }] });
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect(await admits()).toBe('revocation.revoked');
    expect(await said()).toEqual([expect.objectContaining({ source: 'manual', serialNumber: serialOf(device), issuer: '', reason: 'unspecified', since: new Date('2026-05-03T12:00:00.000Z'), by: 'main/admin' })]);
    expect(api.events[0]).toMatchObject({ what: 'device.admitted' });
    expect(api.events[1]).toEqual({ what: 'certificate.revoked', tenant: 'main', by: 'main/admin', subject: serialOf(device), sessionsEnded: 0 });
  });

  it.each([
    ['none', {}, now],
    ['null', { revocationDate: null }, now],
    ['one to come', { revocationDate: '2999-01-01T00:00:00.000Z' }, now],
    ['one with an offset, as Java writes it', { revocationDate: '2026-05-03T12:00:00.000+0200' }, () => '2026-05-03T10:00:00.000Z'],
    ['one with an offset, as Go writes it', { revocationDate: '2026-05-03T12:00:00.000-07:00' }, () => '2026-05-03T19:00:00.000Z'],
  ])('are revoked since the date given, or since now: %s', async (_what, date, since) => {
    expect((await put({ crls: [{ serialNumberInHex: '1', ...date }] })).statusCode).toBe(204);
    expect((await said())[0]!.since.toISOString()).toBe(since());
  });

  it.each(['', 'yesterday', '2026-05-03', '2026-05-03T12:00:00Z', '2026-05-03T12:00:00.000', '2026-02-30T12:00:00.000Z', '2026-05-03T25:00:00.000Z', '2026-05-03T12:00:00.000+99:00', '2026-05-03T12:00:00.000000Z', 7, {}])(
    'are refused with a date that is none, in the words of the platform: %j',
    async (revocationDate) => {
      const answer = await put({ crls: [{ serialNumberInHex: '1' }, { serialNumberInHex: '2', revocationDate }] });
      expect([answer.statusCode, answer.json()]).toEqual([400, expect.objectContaining({ error: 'Device Certificates/Bad Request', message: WRONG_DATE, info: INFO })]);
      expect(await said()).toEqual([]);
    },
  );

  it('are listed once, and the second time nothing changes', async () => {
    for (const revocationDate of ['2026-05-03T12:00:00.000Z', '2025-01-01T00:00:00.000Z']) expect((await put({ crls: [{ serialNumberInHex: 'A1', revocationDate }, { serialNumberInHex: '00a1' }] })).statusCode).toBe(204);
    expect((await said()).map(({ serialNumber, since }) => [serialNumber, since.toISOString()])).toEqual([['a1', '2026-05-03T12:00:00.000Z']]);
    expect(api.events).toHaveLength(1);
  });

  it.each<[string, object | string, number, string]>([
    ['no JSON', '{', 400, 'The body is not JSON'],
    ['no list', { crls: {} }, 400, 'The body must be {"crls":'],
    ['a list', [], 400, 'The body must be {"crls":'],
    ['an entry that is none', { crls: [7] }, 400, 'crls[0]: serialNumberInHex must be a text'],
    ['a number that is no text', { crls: [{ serialNumberInHex: '1' }, { serialNumberInHex: 2 }] }, 400, 'crls[1]: serialNumberInHex must be a text'],
    ['no hex', { crls: [{ serialNumberInHex: '1' }, { serialNumberInHex: 'xyz' }] }, 422, 'revocation.malformed-serial-number: required is that a serial number is a positive number of at most 20 bytes in hex'],
    ['zero', { crls: [{ serialNumberInHex: '0' }] }, 422, 'revocation.malformed-serial-number'],
    ['5,001 entries', { crls: Array.from({ length: 5_001 }, (_, n) => ({ serialNumberInHex: `${n + 1}` })) }, 422, 'revocation.too-many'],
    ['more than fits', { crls: [{ serialNumberInHex: '1', note: 'x'.repeat(1024 * 1024) }] }, 413, ''],
  ])('are refused, all of them: %s', async (_what, payload, status, words) => {
    const answer = await put(payload);
    expect([answer.statusCode, answer.json().message]).toEqual([status, expect.stringContaining(words)]);
    expect(await said()).toEqual([]);
  });

  it('none is an order too', async () => {
    expect((await put({ crls: [] })).statusCode).toBe(204);
    expect(api.events).toEqual([]);
  });

  it('5,000 come at once, by either way', async () => {
    const serials = Array.from({ length: 5_000 }, (_, n) => (n + 1).toString(16));
    expect((await put({ crls: serials.map((serialNumberInHex) => ({ serialNumberInHex, revocationDate: '2026-05-03T12:00:00.000Z' })) })).statusCode).toBe(204);
    expect((await upload(`SERIALNO,DATE\n${serials.map((serial) => `${serial}f,2026-05-03T12:00:00.000Z`).join('\n')}\n`)).statusCode).toBe(204);
    expect((await api.ask(`GET ${PATH}?pageSize=1&withTotalElements=true`, { as: 'main/admin' })).json().statistics.totalElements).toBeGreaterThan(9_000);
  });

  it.each([
    ['as documented', 'SERIALNO,DATE\na1,2026-05-03T12:00:00.000Z\na2,\n'],
    ['with CRLF and no line break at the end', 'SERIALNO,DATE\r\na1,2026-05-03T12:00:00.000Z\r\na2,'],
    ['as a spreadsheet writes it', '\ufeff"SerialNo";"Date"\r\n"a1";"2026-05-03T12:00:00.000Z"\r\n" a2 ";""\r\n;\r\n\r\n'],
    ['without the second cell', 'SERIALNO,DATE\na1,2026-05-03T12:00:00.000Z\na2\n'],
  ])('come in a CSV file: %s', async (_what, file) => {
    expect((await upload(file)).statusCode).toBe(204);
    expect((await said()).map(({ serialNumber, since }) => [serialNumber, since.toISOString()])).toEqual([['a2', now()], ['a1', '2026-05-03T12:00:00.000Z']]);
  });

  it.each<[string, string | Uint8Array<ArrayBuffer>, number, string]>([
    ['no header', 'a1,2026-05-03T12:00:00.000Z\n', 400, 'The first line of the file must be SERIALNO,DATE.'],
    ['another header', 'SERIAL,DATE\na1,\n', 400, 'The first line of the file must be SERIALNO,DATE.'],
    ['nothing but blanks', ' \n', 400, 'The first line of the file must be SERIALNO,DATE.'],
    ['three cells', 'SERIALNO,DATE\na1,,x\n', 400, 'Line 2: a row has a serial number and a date, and no more.'],
    ['a date that is none', 'SERIALNO,DATE\na1,\n\na2,3 May\n', 400, WRONG_DATE],
    ['no serial number', 'SERIALNO,DATE\na1,\nxyz,\n', 422, 'found: entry 2'],
    ['no UTF-8', new Uint8Array([0xff, 0xfe, 0x41]), 400, 'The file is not UTF-8.'],
    ['5,001 rows', `SERIALNO,DATE\n${'a1,\n'.repeat(5_001)}`, 422, 'revocation.too-many'],
    ['more than a megabyte', 'x'.repeat(1024 * 1024 + 1), 400, 'larger than 1048576 bytes'],
  ])('come not in a file that is wrong: %s', async (_what, file, status, words) => {
    const answer = await upload(file);
    expect([answer.statusCode, answer.json().message]).toEqual([status, expect.stringContaining(words)]);
    expect(await said()).toEqual([]);
  });

  it('come not in a form without the file', async () => {
    expect([(await upload('SERIALNO,DATE\n', 'list')).json().message, (await upload('')).statusCode]).toEqual(['The form has no part file. Send the list as the part file of multipart/form-data.', 204]);
  });

  it('T12 of another tenant concern nobody here', async () => {
    expect((await put({ crls: [{ serialNumberInHex: serialOf(device) }] }, 'other/admin')).statusCode).toBe(204);
    expect([await admits(), await said()]).toEqual([true, []]);
  });
});

describe('The list of what was revoked', () => {
  const get = (as: 'main/admin' | 'main/reader' | 'main/nobody' | 'other/admin') => api.ask(`GET ${SETTINGS}`, { as, headers: { accept: 'application/pkix-crl' } });

  it('is a CRL in DER, another for each tenant, signed by the key whose certificate is published', async () => {
    await put({ crls: [{ serialNumberInHex: 'a1b2c3' }] });
    const [own, read, other] = [await get('main/admin'), await get('main/reader'), await get('other/admin')];
    expect([own.statusCode, own.headers['content-type']]).toEqual([200, 'application/pkix-crl']);
    expect(read.rawPayload).toEqual(own.rawPayload);
    expect([own.rawPayload.includes(Buffer.from('a1b2c3', 'hex')), other.rawPayload.includes(Buffer.from('a1b2c3', 'hex'))]).toEqual([true, false]);
    const signer = await api.ask(`GET ${PATH}/signer`, { as: 'main/reader' });
    expect([signer.statusCode, signer.headers['content-type'], new X509Certificate(signer.rawPayload).subject]).toEqual([200, 'application/pkix-cert', 'CN=Revocations of main\nO=Fleetgate']);
  });

  it('shows what was said a moment ago', async () => {
    const before = (await get('main/admin')).rawPayload;
    await put({ crls: [{ serialNumberInHex: 'a1b2c3' }] });
    expect((await get('main/admin')).rawPayload.length).toBeGreaterThan(before.length);
  });
});

describe('One certificate', () => {
  const post = (what: '' | '/hold' | '/release', payload: object, as: 'main/admin' | 'other/admin' = 'main/admin') => api.ask(`POST ${PATH}${what}`, { as, payload });
  const { fingerprint: rootPrint } = { fingerprint: () => aFingerprint(root.der) };

  it('is revoked by itself, with reason and note, and shown so', async () => {
    const answer = await post('', { certInPemFormat: device.certificatePem, reason: 'keyCompromise', since: '2026-05-03T12:00:00.000Z', note: 'stolen at gate 3' });
    const revocation = {
      ...{ source: 'manual', serialNumber: serialOf(device), issuer: 'CN=works root', fingerprint: aFingerprint(device.der) },
      ...{ reason: 'keyCompromise', since: '2026-05-03T12:00:00.000Z', by: 'main/admin', note: 'stolen at gate 3' },
    };
    expect([answer.statusCode, answer.json()]).toEqual([201, { revocation, sessionsEnded: 0 }]);
    expect(await admits()).toBe('revocation.revoked');
    expect((await post('', { certInPemFormat: device.certificatePem })).statusCode).toBe(200);
    const list = await api.ask(`GET ${PATH}`, { as: 'main/reader' });
    expect(list.json()).toMatchObject({ revocations: [revocation], statistics: { currentPage: 1, pageSize: 5 } });
  });

  it.each([['2026-05-03T12:00:00Z', '2026-05-03T12:00:00.000Z'], ['2026-05-03T14:00:00.123456+02:00', '2026-05-03T12:00:00.123Z'], ['2999-01-01T00:00:00Z', undefined]])('is revoked since %s', async (since, until) => {
    expect((await post('', { serialNumber: 'a1', since })).json().revocation.since).toBe(until ?? now());
  });

  it('is held and released, by serial number and issuer', async () => {
    const name = { serialNumber: serialOf(device).toUpperCase(), issuer: rootPrint() };
    expect([(await post('/hold', name)).statusCode, await admits()]).toEqual([201, 'revocation.on-hold']);
    const released = await post('/release', { fingerprint: aFingerprint(device.der) });
    expect([released.statusCode, released.json()]).toMatchObject([404, { error: 'certificate/Not Found', details: { code: 'revocation.not-on-hold' } }]);
    expect((await post('/release', name)).json()).toMatchObject({ released: [{ source: 'hold', serialNumber: serialOf(device) }], isStillRevoked: false });
    expect(await admits()).toBe(true);
  });

  it('that is revoked for good is not released', async () => {
    await post('', { serialNumber: 'a1' });
    expect((await post('/release', { serialNumber: 'a1' })).json()).toMatchObject({ error: 'certificate/Conflict', details: { code: 'revocation.for-good' } });
  });

  it.each<[string, object, number, string]>([
    ['nobody', {}, 422, 'revocation.nothing-named'],
    ['a list', [], 400, 'The body must be a JSON object'],
    ['a number that is no text', { serialNumber: 1 }, 400, 'serialNumber must be a text.'],
    ['since a time that is none', { serialNumber: '1', since: '3 May' }, 400, 'since must be a time'],
    ['since a time of nobody knows which zone', { serialNumber: '1', since: '2026-05-03T12:00:00' }, 400, 'since must be a time'],
    ['since 30 o’clock', { serialNumber: '1', since: '2026-05-03T30:00:00Z' }, 400, 'since must be a time'],
    ['for a reason that nobody knows', { serialNumber: '1', reason: 'x' }, 422, 'revocation.unknown-reason'],
    ['a private key', { certInPemFormat: keyBlock('MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg').trimEnd() }, 422, 'anchor.private-key'],
    ['an unknown SHA-256', { fingerprint: 'ab'.repeat(32) }, 404, 'revocation.unknown-certificate'],
  ])('is not %s', async (_what, payload, status, words) => {
    for (const act of ['', '/hold'] as const) {
      const answer = await post(act, payload);
      expect([answer.statusCode, answer.json().message]).toEqual([status, expect.stringContaining(words)]);
    }
    expect(await said()).toEqual([]);
  });

  it('is listed by source and page', async () => {
    for (const serialNumber of ['a1', 'a2', 'a3']) await post('/hold', { serialNumber });
    await post('', { serialNumber: 'a4' });
    const page = (await api.ask(`GET ${PATH}?source=hold&pageSize=2&withTotalPages=true`, { as: 'main/reader' })).json();
    expect([page.revocations.length, page.statistics.totalPages]).toEqual([2, 2]);
    expect(page.next).toContain('source=hold');
    const rest = (await api.ask(`GET ${new URL(page.next).pathname}${new URL(page.next).search}`, { as: 'main/reader' })).json();
    expect(rest.revocations.length).toBe(1);
    for (const source of ['', 'crl:1', 'manual&source=hold']) expect((await api.ask(`GET ${PATH}?source=${source}`, { as: 'main/reader' })).statusCode).toBe(400);
  });

  it('T12 is not another tenant’s to hold, release or see', async () => {
    await post('/hold', { certInPemFormat: device.certificatePem });
    expect((await post('/release', { certInPemFormat: device.certificatePem }, 'other/admin')).statusCode).toBe(404);
    expect((await api.ask(`GET ${PATH}`, { as: 'other/admin' })).json().revocations).toEqual([]);
    await post('/hold', { certInPemFormat: device.certificatePem }, 'other/admin');
    await post('/release', { certInPemFormat: device.certificatePem });
    expect(await admits()).toBe(true);
  });
});

describe('Who may', () => {
  const jwt = async () => api.tokenBy({ fingerprint: aFingerprint(root.der) });
  it.each([
    ['PUT', SETTINGS, { crls: [] }, 204, true],
    ['GET', SETTINGS, undefined, 200, false],
    ['GET', PATH, undefined, 200, false],
    ['GET', `${PATH}/signer`, undefined, 200, false],
    ['POST', PATH, { serialNumber: 'a1' }, 201, true],
    ['POST', `${PATH}/hold`, { serialNumber: 'a1' }, 201, true],
    ['POST', `${PATH}/release`, { serialNumber: '1' }, 404, true],
  ] as const)('%s %s: those who may change trust, and to look those who may read it; no device', async (method, path, payload, status, changes) => {
    const ask = async (who: Parameters<Api['ask']>[1]) => (await api.ask(`${method} ${path}`, { ...who, ...(payload && { payload }) })).statusCode;
    expect(await ask({ as: 'main/admin' })).toBe(status);
    expect(await ask({ as: 'main/reader' })).toBe(changes ? 403 : status);
    for (const as of ['main/registrar', 'main/service', 'main/nobody'] as const) expect(await ask({ as })).toBe(403);
    expect([await ask({ bearer: await jwt() }), await ask({})]).toEqual([403, 401]);
  });
});

describe('The name of an issuer, as a list shows it', () => {
  it.each([
    ['CN=Works CA, O=Works', 'CN=works ca, O=works'],
    ['CN=a+O=b, DC=x', 'O=b+CN=a, DC=x'],
    ['1.2.3=a\\=b\\, c', '1.2.3=a\\=b\\, c'],
  ])('%s', (name, text) => {
    expect(nameKeyText(aName(name).key).split(/, |\+/).sort()).toEqual(text.split(/, |\+/).sort());
  });
});
