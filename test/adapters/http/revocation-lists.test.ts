import { createHash, X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { StoredList } from '../../../src/domain/revocation/stored-list.ts';
import type { Minted } from '../../../src/ports/driven/certificate-mint.ts';
import { aTenantId } from '../../support/certificate-builders.ts';
import { commonName, extension, int, pem } from '../../support/der-builder.ts';
import { listBy, listExtensions } from '../../support/list-builder.ts';
import { aDevice, anIntermediate, aRoot, derChain } from '../../support/pki.ts';
import { anApi, type Api } from './an-api.ts';

const LISTS = '/fleetgate/revocation-lists';
const main = aTenantId();
const sha1 = ({ der }: Minted): string => createHash('sha1').update(der).digest('hex');
const deltaTo = (base: number, number: number): Buffer => listExtensions(extension('2.5.29.20', int(number)), extension('2.5.29.27', int(base), true));
const serialOf = ({ certificatePem }: Minted): string => new X509Certificate(certificatePem).serialNumber.toLowerCase();

describe('Revocation lists at the API', () => {
  let api: Api;
  let root: Minted;
  let device: Minted;
  beforeEach(async () => {
    api = await anApi();
    root = await aRoot();
    device = await aDevice();
    await api.trust(root, { autoRegistrationEnabled: true });
  });
  afterEach(() => api.close());

  const add = (upload: Buffer | string, { ca = root, as = 'main/admin', type = 'application/pkix-crl' }: { ca?: Minted; as?: 'main/admin' | 'main/reader' | 'other/admin'; type?: string } = {}) =>
    api.ask(`POST ${LISTS}/${sha1(ca)}`, { as, payload: upload, headers: { 'content-type': type } });
  const mode = (value: string) => api.ask('PUT /tenant/options/fleetgate/check.crl', { as: 'main/admin', payload: { value } });
  const admit = (leaf = device) => api.needs.gate.admit({ chain: derChain(leaf), handshakeBytes: 3000, clientId: '', acceptsAssignedId: true, from: '127.0.0.1' });
  const verdict = async (leaf = device) => {
    const answer = await admit(leaf);
    return answer.granted ? 'admitted' : answer.refusal.code;
  };
  const lists = async () => (await api.ask(`GET ${LISTS}`, { as: 'main/admin' })).json<{ revocationLists: { id: string; entries: number }[] }>().revocationLists;
  const rows = async (id: string) => (await api.revocations.listOf(main, [`crl:${id}`], { number: 1, size: 10 })).total;
  const settled = async (check: () => Promise<boolean>): Promise<void> => {
    while (!(await check())) await new Promise((resolve) => setImmediate(resolve));
  };

  it('puts a list in force, which refuses a device as soon as the tenant enforces lists', async () => {
    const answer = await add(listBy(root, { revoked: [[serialOf(device), 1]] }));
    expect([answer.statusCode, answer.headers.location]).toEqual([201, `http://fleet.example.com${LISTS}`]);
    expect(answer.json()).toEqual({
      id: expect.any(String),
      fingerprint: sha1(root),
      issuer: 'CN=Works Root',
      thisUpdate: expect.stringMatching(/Z$/),
      nextUpdate: expect.stringMatching(/Z$/),
      entries: 1,
      number: '7',
      only: 'all',
      from: 'main/admin',
      added: expect.stringMatching(/Z$/),
    });
    expect(await lists()).toEqual([answer.json()]);
    expect(await verdict()).toBe('admitted');
    await mode('report');
    expect(await verdict()).toBe('admitted');
    expect(api.events).toContainEqual(expect.objectContaining({ what: 'device.would-be-refused', tenant: 'main', device: 'press-7', refusal: expect.objectContaining({ code: 'revocation.revoked', depth: 0 }) }));
    await mode('enforce');
    expect(await verdict()).toBe('revocation.revoked');
    expect(await verdict(await aDevice(undefined, { commonName: 'press-8' }))).toBe('admitted');
    expect(api.events).toContainEqual(expect.objectContaining({ what: 'list.added', tenant: 'main', by: 'main/admin' }));
  });

  it('refuses a list for which another process left no room meanwhile, and forgets its entries', async () => {
    let list: StoredList | undefined;
    api.lists.install = async (full, _audit, most) => {
      list = full;
      return most === 100 ? 'too-many' : undefined;
    };
    const answer = await add(listBy(root, { revoked: [[serialOf(device), 1]] }));
    expect([answer.statusCode, answer.json().details]).toEqual([422, expect.objectContaining({ code: 'list.too-many', evidence: { lists: 100 } })]);
    await settled(async () => (await rows(list!.id)) === 0);
    expect([await lists(), api.events.filter(({ what }) => what === 'list.added')]).toEqual([[], []]);
  });

  it('says that an option makes no sense', async () => {
    const answer = await mode('on');
    expect([answer.statusCode, answer.json().details]).toEqual([422, expect.objectContaining({ code: 'tenant.unusable-option', evidence: { option: 'fleetgate/check.crl', form: 'off, report or enforce' } })]);
    expect((await api.ask('GET /tenant/options/fleetgate/check.crl', { as: 'main/admin' })).json().value).toBe('off');
  });

  it('T12 ends the sessions and kills the tokens of certificates that a new list revokes, and of no others', async () => {
    await mode('enforce');
    const connect = async (leaf: Minted) => {
      const ended: string[] = [];
      const answer = await api.needs.gate.connect({ chain: derChain(leaf), handshakeBytes: 3000, clientId: '', acceptsAssignedId: true, from: '127.0.0.1', end: (why) => ended.push(why) });
      if (!answer.granted) throw new Error(answer.refusal.code);
      const token = await api.needs.tokens.issue(answer.value.session);
      return { ended, token: token.granted ? token.value : '' };
    };
    const [one, other] = [await connect(device), await connect(await aDevice(undefined, { commonName: 'press-8' }))];
    await add(listBy(root, { revoked: [[serialOf(device)]] }));
    expect([one.ended, other.ended]).toEqual([['certificate-revoked'], []]);
    const asked = async (bearer: string) => (await api.ask('GET /user/currentUser', { bearer })).statusCode;
    expect([await asked(one.token), await asked(other.token)]).toEqual([401, 200]);
    expect(api.events).toContainEqual(expect.objectContaining({ what: 'list.added', sessionsEnded: 1 }));
  });

  it('ends sessions when lists are enforced that were not', async () => {
    await add(listBy(root, { revoked: [[serialOf(device)]] }));
    const ended: string[] = [];
    await api.needs.gate.connect({ chain: derChain(device), handshakeBytes: 3000, clientId: '', acceptsAssignedId: true, from: '127.0.0.1', end: (why) => ended.push(why) });
    await mode('report');
    expect(ended).toEqual([]);
    await mode('enforce');
    expect(ended).toEqual(['certificate-revoked']);
  });

  it('replaces the former list of its scope, whose entries are forgotten', async () => {
    await mode('enforce');
    const first = (await add(listBy(root, { revoked: [[serialOf(device)]] }))).json<{ id: string }>();
    expect([await verdict(), await rows(first.id)]).toEqual(['revocation.revoked', 1]);
    const second = (await add(listBy(root, { number: 8, revoked: [['77']] }))).json<{ id: string }>();
    expect(await lists()).toEqual([second]);
    expect(await verdict()).toBe('admitted');
    await settled(async () => (await rows(first.id)) === 0);
  });

  it('X29 does not go back to an older list, and takes the same one twice for one', async () => {
    const newer = listBy(root, { number: 9, revoked: [[serialOf(device)]] });
    const first = await add(newer);
    const older = await add(listBy(root, { number: 8 }));
    expect([older.statusCode, older.json().details.code]).toEqual([409, 'list.not-newer']);
    expect([(await add(newer)).json(), await lists()]).toEqual([first.json(), [first.json()]]);
  });

  it('takes a list out of force', async () => {
    await mode('enforce');
    const { id } = (await add(listBy(root, { revoked: [[serialOf(device)]] }))).json<{ id: string }>();
    expect((await api.ask(`DELETE ${LISTS}/${id}`, { as: 'main/admin' })).statusCode).toBe(204);
    expect([await verdict(), await lists()]).toEqual(['admitted', []]);
    await settled(async () => (await rows(id)) === 0);
    const again = await api.ask(`DELETE ${LISTS}/${id}`, { as: 'main/admin' });
    expect([again.statusCode, again.json().details.code]).toEqual([404, 'list.unknown']);
  });

  it('takes a list of an intermediate with its certificate behind it, and refuses it without', async () => {
    const intermediate = await anIntermediate();
    const leaf = await aDevice(intermediate, { commonName: 'press-9' });
    const list = listBy(intermediate, { issuer: commonName('Works Intermediate'), revoked: [[serialOf(leaf)]] });
    const alone = await add(list);
    expect([alone.statusCode, alone.json().details.code]).toEqual([422, 'list.issuer-not-found']);
    expect((await add(`${pem(list, 'X509 CRL')}${intermediate.certificatePem}`, { type: 'application/x-pem-file' })).statusCode).toBe(201);
    await mode('enforce');
    await add(listBy(root));
    expect(await verdict(leaf)).toBe('revocation.revoked');
    expect(await verdict(await aDevice(intermediate, { commonName: 'press-10' }))).toBe('admitted');
  });

  it('X29 refuses a list whose signer another list revoked', async () => {
    const intermediate = await anIntermediate();
    await add(listBy(root, { revoked: [[serialOf(intermediate)]] }));
    const list = listBy(intermediate, { issuer: commonName('Works Intermediate') });
    const answer = await add(`${pem(list, 'X509 CRL')}${intermediate.certificatePem}`);
    expect([answer.statusCode, answer.json().details.code]).toEqual([422, 'list.issuer-revoked']);
  });

  it('lets a delta add at once, and take back with the next full list', async () => {
    await mode('enforce');
    const delta = (number: number) => listBy(root, { number, revoked: [[serialOf(device), 6]], extensions: deltaTo(5, number) });
    await add(listBy(root, { number: 5 }));
    expect(await verdict()).toBe('admitted');
    expect((await add(delta(6))).json()).toMatchObject({ deltaOf: '5', number: '6' });
    expect(await verdict()).toBe('revocation.on-hold');
    await add(listBy(root, { number: 7 }));
    expect(await verdict()).toBe('admitted');
  });

  it.each<[string, (ca: Minted) => Promise<Buffer | string> | Buffer | string, number, string]>([
    ['a forged one', async () => listBy(await aRoot({ commonName: 'Works Root ' })), 422, 'list.signature-invalid'],
    ['one of another issuer', (ca) => listBy(ca, { issuer: commonName('Other') }), 422, 'list.issuer-not-found'],
    ['no list', () => Buffer.from('hello'), 422, 'list.unreadable'],
    ['nothing', () => '', 422, 'list.unreadable'],
    ['a private key', (ca) => ca.keyPem, 422, 'list.unreadable'],
    ['a private key behind it', (ca) => `${pem(listBy(ca), 'X509 CRL')}${ca.keyPem}`, 422, 'anchor.private-key'],
    ['a certificate that cannot be read behind it', (ca) => `${pem(listBy(ca), 'X509 CRL')}${pem(Buffer.from('3000', 'hex'))}`, 422, 'chain.malformed-certificate'],
  ])('X29 refuses %s', async (_what, upload, status, code) => {
    const answer = await add(await upload(root));
    expect([answer.statusCode, answer.json().details?.code]).toEqual([status, code]);
    expect(await lists()).toEqual([]);
    expect(api.events).toContainEqual(expect.objectContaining({ what: 'list.refused', reason: code }));
  });

  it('refuses a list for a CA that the tenant does not trust, also where another does', async () => {
    for (const [ca, as] of [[await aRoot({ commonName: 'Strange' }), 'main/admin'], [root, 'other/admin']] as const) {
      const answer = await add(listBy(root), { ca, as });
      expect([answer.statusCode, answer.json().details.code]).toEqual([404, 'anchor.unknown']);
    }
    expect((await api.ask(`POST ${LISTS}/nonsense`, { as: 'main/admin', payload: 'x', headers: { 'content-type': 'application/pkix-crl' } })).statusCode).toBe(404);
  });

  it('lets those read who may read, and those change who may change', async () => {
    expect((await add(listBy(root), { as: 'main/reader' })).statusCode).toBe(403);
    const asReader = async (route: 'GET x') => (await api.ask(route, { as: 'main/reader' })).statusCode;
    expect([await asReader(`GET ${LISTS}` as 'GET x'), await asReader(`DELETE ${LISTS}/1` as 'GET x')]).toEqual([200, 403]);
    expect((await api.ask(`GET ${LISTS}`, { as: 'main/nobody' })).statusCode).toBe(403);
    const { id } = (await add(listBy(root))).json<{ id: string }>();
    expect((await api.ask(`DELETE ${LISTS}/${id}`, { as: 'other/admin' })).statusCode).toBe(404);
  });

  it('works on two lists at most', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map((number) => add(listBy(root, { number }))));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 201, 429, 429]);
    expect(answers.find(({ statusCode }) => statusCode === 429)?.headers['retry-after']).toBe('60');
    expect((await add(listBy(root, { number: 9 }))).statusCode).toBe(201);
  });

  it('reads four bodies at a time at most, however many are sent, and takes the next when one is done', async () => {
    const answers = await Promise.all(Array.from({ length: 9 }, () => add('no list')));
    expect(answers.slice(4).map(({ statusCode }) => statusCode)).toEqual([429, 429, 429, 429, 429]);
    for (let i = 0; i < 9; i++) expect((await add('no list')).statusCode).toBe(422);
  });

  it('refuses what is larger than any list, before it has all arrived', async () => {
    expect((await add(Buffer.alloc(91 * 1024 * 1024))).statusCode).toBe(413);
  });
});

describe('The rule of a CA’s lists at the API', () => {
  let api: Api;
  let path: string;
  beforeEach(async () => {
    api = await anApi();
    const root = await aRoot();
    path = `/fleetgate/revocation-list-rules/${sha1(root)}`;
    await api.trust(root, { autoRegistrationEnabled: true });
  });
  afterEach(() => api.close());

  const usual = { fingerprint: expect.any(String), urls: [], acceptHours: 24, refuseHours: 72, missing: 'refuse' };

  it('is shown, set and forgotten', async () => {
    expect((await api.ask(`GET ${path}`, { as: 'main/admin' })).json()).toEqual(usual);
    const set = await api.ask(`PUT ${path}`, { as: 'main/admin', payload: { urls: ['http://ca/x'], acceptHours: 1, missing: 'accept' } });
    const rule = { ...usual, urls: ['http://ca/x'], acceptHours: 1, missing: 'accept' };
    expect([set.statusCode, set.json(), (await api.ask(`GET ${path}`, { as: 'main/admin' })).json()]).toEqual([200, rule, rule]);
    expect(api.events).toContainEqual(expect.objectContaining({ what: 'list.rule-set', by: 'main/admin' }));
    expect((await api.ask(`DELETE ${path}`, { as: 'main/admin' })).statusCode).toBe(204);
    expect((await api.ask(`GET ${path}`, { as: 'main/admin' })).json()).toEqual(usual);
    expect((await api.ask(`DELETE ${path}`, { as: 'main/admin' })).statusCode).toBe(404);
    const [removed] = (await api.needs.audits.list(aTenantId(), { after: 0 }, 99)).filter(({ what }) => what === 'list.rule-removed');
    expect(JSON.parse(removed!.before)).toMatchObject({ urls: ['http://ca/x'], acceptHours: 1, missing: 'accept' });
  });

  it.each<[string, object, number]>([
    ['a file as URL', { urls: ['file:///etc/passwd'] }, 422],
    ['hours the wrong way round', { acceptHours: 9, refuseHours: 8 }, 422],
    ['half an hour', { acceptHours: 0.5 }, 400],
    ['a word nobody knows', { missing: 'maybe' }, 400],
  ])('is refused with %s', async (_what, payload, status) => {
    expect((await api.ask(`PUT ${path}`, { as: 'main/admin', payload })).statusCode).toBe(status);
  });

  it('takes nothing from the body but what belongs to it', async () => {
    await api.ask(`PUT ${path}`, { as: 'main/admin', payload: { tenant: 'other', anchor: 'f'.repeat(40), fingerprint: 'f'.repeat(40) } });
    expect((await api.lists.rules()).map(({ tenant }) => tenant)).toEqual(['main']);
    expect((await api.ask(`GET ${path}`, { as: 'main/admin' })).json()).toEqual({ ...usual, fingerprint: path.slice(-40) });
  });

  it('is of the tenant that trusts the CA', async () => {
    for (const method of ['GET', 'PUT']) expect((await api.ask(`${method} ${path}` as 'GET x', { as: 'other/admin', ...(method === 'PUT' && { payload: {} }) })).statusCode).toBe(404);
  });
});
