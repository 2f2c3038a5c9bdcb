import { createHash, X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Minted } from '../../../src/ports/driven/certificate-mint.ts';
import { aDevice, anIntermediate, aRoot, mint } from '../../support/pki.ts';
import { aCaCertificate, aName, anAnchor, aSignature, after, DAY, NOW } from '../../support/certificate-builders.ts';
import { trustedCertificateView } from '../../../src/adapters/http/trusted-certificate-view.ts';
import { anApi, INFO, type Api } from './an-api.ts';

const LIST = '/tenant/tenants/main/trusted-certificates';
const ERROR_TYPE = 'application/vnd.com.nsn.cumulocity.error+json';

const sha1 = ({ der }: Minted): string => createHash('sha1').update(der).digest('hex');
const bare = ({ der }: Minted): string => Buffer.from(der).toString('base64');
const payloadOf = (certificate: string, more: object = {}): object => ({ certInPemFormat: certificate, status: 'ENABLED', ...more });

describe('Trusted certificates in the wire format of the compatible API', () => {
  let api: Api;
  let root: Minted;
  beforeEach(async () => {
    api = await anApi();
    root = await aRoot();
  });
  afterEach(() => api.close());

  const add = (payload: object, headers: Record<string, string> = {}) => api.ask(`POST ${LIST}`, { as: 'main/admin', payload, headers });

  it('REQ-2 answers an upload with 201, a Location, and every field in its exact form', async () => {
    const answer = await add(payloadOf(root.certificatePem, { name: 'Works', autoRegistrationEnabled: true }));
    const self = `http://fleet.example.com${LIST}/${sha1(root)}`;
    const x509 = new X509Certificate(root.certificatePem);
    expect([answer.statusCode, answer.headers.location, answer.headers['content-type']]).toEqual([201, self, 'application/json; charset=utf-8']);
    expect(answer.json()).toEqual({
      fingerprint: sha1(root),
      name: 'Works',
      status: 'ENABLED',
      autoRegistrationEnabled: true,
      certInPemFormat: bare(root),
      algorithmName: 'SHA256withECDSA',
      subject: 'CN=Works Root',
      issuer: 'CN=Works Root',
      serialNumber: BigInt(`0x${x509.serialNumber}`).toString(10),
      notBefore: x509.validFromDate.toISOString(),
      notAfter: x509.validToDate.toISOString(),
      version: 3,
      self,
      proofOfPossessionValid: false,
      proofOfPossessionUnsignedVerificationCode: expect.stringMatching(/^[A-Za-z0-9+/]{160}$/),
      proofOfPossessionVerificationCodeUsableUntil: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      tenantCertificateAuthority: false,
      inert: false,
    });
    expect(answer.json().notBefore).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it.each([
    ['PEM with newlines', (ca: Minted) => ca.certificatePem],
    ['PEM with CRLF', (ca: Minted) => ca.certificatePem.replaceAll('\n', '\r\n')],
    ['PEM without newlines', (ca: Minted) => ca.certificatePem.replaceAll('\n', '')],
    ['bare base64', bare],
  ])('takes %s, and gives back base64 without armour', async (_shape, shaped) => {
    const answer = await add(payloadOf(shaped(root)));
    expect([answer.statusCode, answer.json().certInPemFormat]).toEqual([201, bare(root)]);
  });

  it.each([['true', true], ['false', false], [true, true], [false, false], [null, false], [undefined, false]])(
    'reads autoRegistrationEnabled %j as %j',
    async (given, read) => {
      expect((await add(payloadOf(bare(root), { autoRegistrationEnabled: given }))).json().autoRegistrationEnabled).toBe(read);
    },
  );

  it('ignores members and query parameters that it does not know', async () => {
    const more = { fingerprint: 'f'.repeat(40), id: 7, version: 'x', self: null, TenantID: 'other', inert: false, possessionProven: true };
    const answer = await api.ask(`POST ${LIST}?addToTrustStore=true&TenantID=other`, { as: 'main/admin', payload: payloadOf(bare(root), more) });
    expect([answer.statusCode, answer.json().fingerprint, answer.json().proofOfPossessionValid]).toEqual([201, sha1(root), false]);
  });

  it('leaves the body empty for a client that sends no Accept header, on POST and PUT', async () => {
    const injected = (method: 'POST' | 'PUT', url: string, payload: object) =>
      api.app.inject({ method, url, payload, headers: { authorization: `Basic ${Buffer.from('main/admin:correct horse').toString('base64')}` } });
    const posted = await injected('POST', LIST, payloadOf(bare(root)));
    expect([posted.statusCode, posted.body, posted.headers.location]).toEqual([201, '', `http://localhost:80${LIST}/${sha1(root)}`]);
    const put = await injected('PUT', `${LIST}/${sha1(root)}`, { name: 'n' });
    expect([put.statusCode, put.body]).toEqual([200, '']);
  });

  it.each(['*/*', 'text/html', `${ERROR_TYPE}, application/json`, 'application/vnd.com.nsn.cumulocity.customTrustedCertificateCollection+json', 'nonsense', ''])(
    'never answers 406, not even to Accept: %s',
    async (accept) => {
      expect((await add(payloadOf(bare(root)), { accept })).statusCode).toBe(201);
      expect((await api.ask(`GET ${LIST}`, { as: 'main/admin', headers: { accept } })).statusCode).toBe(200);
    },
  );

  it('X32 answers 409 to a second upload, in other white space too, in the words that clients know', async () => {
    await add(payloadOf(root.certificatePem));
    for (const again of [root.certificatePem, root.certificatePem.replaceAll('\n', ''), `\n${bare(root)}\n`]) {
      const answer = await add(payloadOf(again));
      const fp = sha1(root);
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([409, ERROR_TYPE]);
      expect(answer.json()).toMatchObject({
        error: 'certificate/Duplicate',
        message: `Cannot add certificate - certificate with ${fp} fingerprint already exists. : Certificate with ${fp} fingerprint already exists.`,
        info: INFO,
        details: { code: 'anchor.already-trusted', cites: 'REQ-2, D-6', evidence: { fingerprint: fp } },
      });
    }
    expect((await api.ask(`GET ${LIST}?withTotalElements=true`, { as: 'main/admin' })).json().statistics.totalElements).toBe(1);
  });

  it('T01 answers 409 in the same words when another tenant trusts it', async () => {
    await api.ask('POST /tenant/tenants/other/trusted-certificates', { as: 'other/admin', payload: payloadOf(bare(root)) });
    const answer = await add(payloadOf(bare(root)));
    expect([answer.statusCode, answer.json().details.code]).toEqual([409, 'anchor.already-trusted']);
    expect(answer.body).not.toContain('"other"');
  });

  it('R08 makes one row of two uploads at once: one 201, one 409', async () => {
    const answers = await Promise.all([add(payloadOf(bare(root))), add(payloadOf(bare(root)))]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409]);
  });

  it('T02 says in the reply and in the listing that a certificate is inert, and why', async () => {
    const below = await anIntermediate(root);
    await api.ask('POST /tenant/tenants/other/trusted-certificates', { as: 'other/admin', payload: payloadOf(bare(root)) });
    const answer = await add(payloadOf(bare(below)));
    expect([answer.statusCode, answer.json().inert]).toEqual([201, true]);
    expect(answer.json().warnings[0]).toMatch(/^No device gets in by this certificate yet: .*Prove that you possess its private key/);
    const [listed] = (await api.ask(`GET ${LIST}`, { as: 'main/admin' })).json().certificates;
    expect(listed).toEqual(answer.json());
  });

  const UNPARSEABLE = /^Cannot parse X509 certificate\. : Could not parse certificate: /;
  const ACTIVATION = /^Can not activate a certificate which is either expired or not yet valid$/;
  // Rows: what is uploaded, the code of its refusal, the text.
  it.each<[string, string, RegExp, () => Promise<string>]>([
    ['no certificate', 'anchor.unreadable', UNPARSEABLE, async () => 'hello'],
    ['nothing', 'anchor.unreadable', UNPARSEABLE, async () => ''],
    ['base64 of something else', 'anchor.unreadable', UNPARSEABLE, async () => Buffer.from('no certificate at all').toString('base64')],
    ['a private key beside it', 'anchor.private-key', UNPARSEABLE, async () => root.certificatePem + root.keyPem],
    ['a private key alone', 'anchor.private-key', UNPARSEABLE, async () => root.keyPem],
    ['a device certificate', 'anchor.not-a-ca', /CA:TRUE/, async () => (await aDevice(root)).certificatePem],
    ['a version 1 certificate', 'anchor.not-version-3', /version 3/, async () => (await mint.root({ commonName: 'x', broken: 'version-1' })).certificatePem],
    ['an expired CA', 'anchor.outside-validity', ACTIVATION, async () => (await mint.root({ commonName: 'x', broken: 'expired' })).certificatePem],
    ['a CA of tomorrow', 'anchor.outside-validity', ACTIVATION, async () => (await mint.root({ commonName: 'x', broken: 'not-yet-valid' })).certificatePem],
    ['two roots', 'anchor.not-a-chain', UNPARSEABLE, async () => root.certificatePem + (await aRoot({ commonName: 'Another' })).certificatePem],
  ])('X31 answers 422 with a reason to %s: %s', async (_what, code, text, make) => {
    const answer = await add(payloadOf(await make()));
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([422, ERROR_TYPE]);
    expect(answer.json().details).toMatchObject({ code, cites: expect.any(String), requires: expect.any(String), remedy: expect.any(String) });
    expect(answer.json().message).toMatch(text);
    expect(api.events).toEqual([]);
  });

  it('X31 R13 neither answers nor logs a key that came with an upload', async () => {
    const body = root.keyPem.split('\n').slice(1, -2).join('');
    const broken = `{"certInPemFormat":"${root.keyPem.replaceAll('\n', '\\n')}", oops`;
    const answers = [
      await add(payloadOf(root.certificatePem + root.keyPem)),
      await add(payloadOf(root.keyPem, { status: root.keyPem })),
      await api.ask(`POST ${LIST}`, { as: 'main/admin', payload: broken, headers: { 'content-type': 'application/json' } }),
    ];
    const said = answers.map((answer) => answer.body).join() + JSON.stringify([api.lines, api.events]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([422, 422, 400]);
    for (const secret of [body, body.slice(0, 30), 'BEGIN']) expect(said).not.toContain(secret);
  });

  it('X31 takes the first certificate of a chain file', async () => {
    const below = await anIntermediate(root);
    const answer = await add(payloadOf(below.certificatePem + root.certificatePem));
    expect([answer.statusCode, answer.json().fingerprint]).toEqual([201, sha1(below)]);
  });

  it.each([
    ['no status', { certInPemFormat: 'x' }, 422, 'anchor.status'],
    ['an unknown status', payloadOf('x', { status: 'enabled' }), 422, 'anchor.status'],
    ['a name that is no text', payloadOf('x', { name: 7 }), 422, 'anchor.name'],
    ['a name of 257 characters', payloadOf('x', { name: 'n'.repeat(257) }), 422, 'anchor.name'],
    ['no certificate', { status: 'ENABLED' }, 422, 'anchor.unreadable'],
    ['a flag that is neither true nor false', payloadOf('x', { autoRegistrationEnabled: 'yes' }), 400, undefined],
    ['a list', [], 400, undefined],
    ['a word', '"ENABLED"', 400, undefined],
    ['an empty list of certificates', { certificates: [] }, 400, undefined],
    ['101 certificates', { certificates: Array.from({ length: 101 }, () => payloadOf('x')) }, 400, undefined],
  ])('refuses %s', async (_what, payload, status, code) => {
    const answer = await api.ask(`POST ${LIST}`, { as: 'main/admin', payload, headers: { 'content-type': 'application/json' } });
    expect([answer.statusCode, answer.json().details?.code]).toEqual([status, code]);
    expect(answer.json().message).not.toBe('');
  });

  it.each(['', '/bulk'])('takes several certificates at …/trusted-certificates%s', async (suffix) => {
    const second = await aRoot({ commonName: 'Second' });
    const payload = { certificates: [payloadOf(bare(root)), payloadOf(bare(second))] };
    const answer = await api.ask(`POST ${LIST}${suffix}`, { as: 'main/admin', payload });
    expect([answer.statusCode, answer.json().self]).toEqual([201, `http://fleet.example.com${LIST}`]);
    expect(answer.json().certificates.map(({ fingerprint }: { fingerprint: string }) => fingerprint)).toEqual([sha1(root), sha1(second)]);
  });

  it('says which certificate of several was refused, and which were added before it', async () => {
    const payload = { certificates: [payloadOf(bare(root)), payloadOf('nonsense'), payloadOf(bare(await aRoot({ commonName: 'Second' })))] };
    const answer = await api.ask(`POST ${LIST}/bulk`, { as: 'main/admin', payload });
    expect([answer.statusCode, answer.json().details]).toMatchObject([422, { code: 'anchor.unreadable', index: 1, added: [sha1(root)] }]);
    expect((await api.ask(`GET ${LIST}`, { as: 'main/admin' })).json().certificates).toHaveLength(1);
  });

  it('adds nothing when one of several is malformed', async () => {
    const payload = { certificates: [payloadOf(bare(root)), { certInPemFormat: 'x' }] };
    const answer = await api.ask(`POST ${LIST}/bulk`, { as: 'main/admin', payload });
    expect([answer.statusCode, answer.json().message]).toEqual([422, expect.stringMatching(/^certificates\[1\]: anchor\.status/)]);
    expect((await api.ask(`GET ${LIST}`, { as: 'main/admin' })).json().certificates).toEqual([]);
  });

  describe('one of them', () => {
    const one = () => `${LIST}/${sha1(root)}`;
    beforeEach(async () => void (await add(payloadOf(root.certificatePem, { name: 'Works', autoRegistrationEnabled: true }))));

    it.each([
      [{ status: 'DISABLED' }, { name: 'Works', status: 'DISABLED', autoRegistrationEnabled: true }],
      [{ name: 'New' }, { name: 'New', status: 'ENABLED', autoRegistrationEnabled: true }],
      [{ autoRegistrationEnabled: 'false' }, { name: 'Works', status: 'ENABLED', autoRegistrationEnabled: false }],
      [{ fingerprint: 'x', certInPemFormat: 'y', version: 1 }, { name: 'Works', status: 'ENABLED', autoRegistrationEnabled: true }],
      [{ name: '' }, { name: '', status: 'ENABLED', autoRegistrationEnabled: true }],
      [{}, { name: 'Works', status: 'ENABLED', autoRegistrationEnabled: true }],
    ])('changes only what a PUT names: %j', async (payload, expected) => {
      const answer = await api.ask(`PUT ${one()}`, { as: 'main/admin', payload });
      expect([answer.statusCode, answer.json()]).toMatchObject([200, { ...expected, fingerprint: sha1(root), certInPemFormat: bare(root) }]);
      expect((await api.ask(`GET ${one()}`, { as: 'main/admin' })).json()).toEqual(answer.json());
    });

    it('is found by its fingerprint in upper case with colons too', async () => {
      const colons = sha1(root).toUpperCase().match(/../g)!.join(':');
      expect((await api.ask(`GET ${LIST}/${colons}`, { as: 'main/admin' })).json().fingerprint).toBe(sha1(root));
    });

    it('refuses to enable a CA that has expired meanwhile', async () => {
      await api.ask(`PUT ${one()}`, { as: 'main/admin', payload: { status: 'DISABLED' } });
      api.clock.set(new Date(new X509Certificate(root.certificatePem).validToDate.getTime() + 1000));
      const answer = await api.ask(`PUT ${one()}`, { as: 'main/admin', payload: { status: 'ENABLED' } });
      expect([answer.statusCode, answer.json().details.code, answer.json().message]).toEqual([
        422,
        'anchor.outside-validity',
        'Can not activate a certificate which is either expired or not yet valid',
      ]);
    });

    it('is deleted with 204 and an empty body, and is unknown afterwards', async () => {
      const answer = await api.ask(`DELETE ${one()}`, { as: 'main/admin' });
      expect([answer.statusCode, answer.body]).toEqual([204, '']);
      for (const method of ['GET', 'DELETE', 'PUT']) {
        const gone = await api.ask(`${method} ${one()}`, { as: 'main/admin', ...(method === 'PUT' && { payload: {} }) });
        expect([gone.statusCode, gone.json()]).toMatchObject([
          404,
          { error: 'certificate/Not Found', message: `Cannot find certificate with fingerprint ${sha1(root)}.`, info: INFO, details: { code: 'anchor.unknown' } },
        ]);
      }
    });

    it('can be looked at, changed and deleted by the management tenant', async () => {
      const as = 'management/admin';
      expect((await api.ask(`GET ${one()}`, { as })).json().self).toContain('/tenants/main/');
      expect((await api.ask(`PUT ${one()}`, { as, payload: { name: 'theirs' } })).json().name).toBe('theirs');
      expect((await api.ask(`DELETE ${one()}`, { as })).statusCode).toBe(204);
      expect(api.events.map((event) => [event.what, 'by' in event && event.by])).toEqual([
        ['anchor.added', 'main/admin'],
        ['anchor.changed', 'management/admin'],
        ['anchor.removed', 'management/admin'],
      ]);
    });

    it('T09 is unknown to another tenant under its own path, word for word like one that never was', async () => {
      const ask = (fp: string) => api.ask(`GET /tenant/tenants/other/trusted-certificates/${fp}`, { as: 'other/admin' });
      const [theirs, nobodys] = [await ask(sha1(root)), await ask('0'.repeat(40))];
      expect([theirs.statusCode, nobodys.statusCode]).toEqual([404, 404]);
      expect(theirs.body.replaceAll(sha1(root), '0'.repeat(40))).toBe(nobodys.body);
    });

    it.each(['nonsense', '%00', '..%2f..', 'a'.repeat(41), "'%20or%201=1"])('is not what a path that is no fingerprint names: %s', async (given) => {
      const answer = await api.ask(`GET ${LIST}/${given}`, { as: 'main/admin' });
      expect([answer.statusCode, answer.json().message]).toEqual([404, `Cannot find certificate with fingerprint ${decodeURIComponent(given)}.`]);
    });
  });

  describe('in pages', () => {
    const cas = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    beforeEach(async () => {
      for (const commonName of cas) {
        api.clock.advance(1000);
        await add(payloadOf(bare(await aRoot({ commonName })), { name: commonName }));
      }
    });

    const page = async (query = '') => (await api.ask(`GET ${LIST}${query}`, { as: 'main/admin' })).json();
    const names = ({ certificates }: { certificates: { name: string }[] }): string => certificates.map(({ name }) => name).join('');
    const url = (query: string): string => `http://fleet.example.com${LIST}?${query}`;

    it('shows the first five, and no totals, unless told otherwise', async () => {
      const first = await page();
      expect([names(first), first.statistics]).toEqual(['abcde', { currentPage: 1, pageSize: 5 }]);
      expect([first.self, first.next, first.prev]).toEqual([url('pageSize=5&currentPage=1'), url('pageSize=5&currentPage=2'), undefined]);
    });

    it('leads through all pages by next, and back by prev, keeping what was asked for', async () => {
      const first = await page('?pageSize=3&withTotalPages=true&withTotalElements=true');
      expect([names(first), first.statistics]).toEqual(['abc', { currentPage: 1, pageSize: 3, totalPages: 3, totalElements: 7 }]);
      const second = await page(first.next.slice(first.next.indexOf('?')));
      expect([names(second), second.statistics.totalPages]).toEqual(['def', 3]);
      const third = await page(second.next.slice(second.next.indexOf('?')));
      expect([names(third), third.next, third.prev]).toEqual(['g', undefined, second.self]);
      expect(names(await page('?pageSize=3&currentPage=4'))).toBe('');
    });

    it('shows no next page where the last one is full', async () => {
      expect((await page('?pageSize=7')).next).toBeUndefined();
      expect((await page('?pageSize=6')).next).toBe(url('pageSize=6&currentPage=2'));
    });

    it.each(['pageSize=1', 'pageSize=2000', 'pageSize=1000&withTotalPages=true', 'pageSize=100&TenantID=x', 'currentPage=1000000', 'pageSize='])('takes %s', async (query) => {
      expect((await api.ask(`GET ${LIST}?${query}`, { as: 'main/admin' })).statusCode).toBe(200);
    });

    it.each(['pageSize=0', 'pageSize=-1', 'pageSize=2001', 'pageSize=1e9', 'pageSize=5.5', 'pageSize=abc', 'pageSize=5&pageSize=6', 'pageSize=%205', 'currentPage=0', 'currentPage=-1', 'currentPage=1000001', 'currentPage=99999999999999999999'])(
      'R10 answers 400 to %s',
      async (query) => {
        const answer = await api.ask(`GET ${LIST}?${query}`, { as: 'main/admin' });
        expect([answer.statusCode, answer.json().error]).toEqual([400, 'general/Bad Request']);
        expect(answer.json().message).toMatch(/^The query parameter (pageSize|currentPage) must be a whole number from 1 to \d+\./);
      },
    );

    it('shows no built-in CA, for there is none', async () => {
      expect(await page('?certificateAuthority=true&withTotalElements=true')).toMatchObject({ certificates: [], statistics: { totalElements: 0 }, self: expect.stringContaining('http') });
    });

    it('T11 shows a tenant nothing of another’s', async () => {
      const answer = await api.ask('GET /tenant/tenants/other/trusted-certificates?withTotalElements=true', { as: 'other/admin' });
      expect(answer.json()).toMatchObject({ certificates: [], statistics: { totalElements: 0 } });
    });
  });
});

describe('The view of a trusted certificate', () => {
  const view = (overrides: Parameters<typeof anAnchor>[0], now = NOW) =>
    trustedCertificateView(anAnchor(overrides), 'self', now) as { subject: string; serialNumber: string; warnings?: string[] };

  it('prints names in reverse order, and serial numbers as decimals', () => {
    const certificate = aCaCertificate({ subject: aName('OU=Test Device, O=Thin Edge, CN=tedge04'), serialNumber: 'ff00000000000000000000000000000000000001' });
    expect(view({ certificate })).toMatchObject({ subject: 'OU=Test Device, O=Thin Edge, CN=tedge04', serialNumber: BigInt('0xff00000000000000000000000000000000000001').toString() });
  });

  // Rows: what is warned about, days from now to the end, the warning.
  it.each([
    ['30 days and a moment before its end', 30 + 1 / DAY, undefined],
    ['30 days before its end', 30, `The certificate expires on ${after(30 * DAY).toISOString()}. Upload its successor before.`],
    ['on its last day', 0.5, `The certificate expires on ${after(0.5 * DAY).toISOString()}. Upload its successor before.`],
    ['after its end', -1, `The certificate expired on ${after(-DAY).toISOString()}: its devices are refused. Upload its successor.`],
  ])('X06 warns about a CA that ends, %s', (_when, days, warning) => {
    const certificate = aCaCertificate({ notBefore: after(-9 * DAY), notAfter: after(days * DAY) });
    expect(view({ certificate }).warnings).toEqual(warning && [warning]);
  });

  it('X34 warns about a root whose own signature is SHA-1', () => {
    const sound = { notBefore: NOW, notAfter: after(99 * DAY) };
    expect(view({ certificate: aCaCertificate({ ...sound, signature: aSignature({ hash: 'sha1', name: 'SHA1withRSA' }) }) }).warnings).toEqual([
      expect.stringMatching(/^The certificate itself is signed by SHA1withRSA, which is broken\./),
    ]);
    expect(view({ certificate: aCaCertificate(sound) })).not.toHaveProperty('warnings');
  });
});
