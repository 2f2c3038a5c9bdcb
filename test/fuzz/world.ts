import { createPrivateKey, sign } from 'node:crypto';
import { Agent } from 'node:http';
import { HttpListeners } from '../../src/adapters/http/http-listeners.ts';
import type { Fingerprint } from '../../src/domain/certificates/certificate.ts';
import type { Minted } from '../../src/ports/driven/certificate-mint.ts';
import { anApi, basic, PASSWORD } from '../adapters/http/an-api.ts';
import { anAsked } from '../support/answer-builders.ts';
import { pem } from '../support/der-builder.ts';
import { listBy } from '../support/list-builder.ts';
import { aDevice, anIntermediate, aRoot, pemChain } from '../support/pki.ts';
import { aRefusal } from '../support/refusal-builder.ts';
import { CANARY } from './hostile-values.ts';
import { payloadOf, type Fill } from './payload.ts';
import { send, type Sent } from './send.ts';
import { isKnown, type Known, type Question } from './questions.ts';

/** Values by the name of a parameter or member. Those of a route that is new belong here where no schema can tell them. */
export type Values = Readonly<Record<string, readonly unknown[]>>;

export interface World {
  /** Values that are there at the start. */
  readonly values: Values;
  /** Undefined: the body was so large that it was cut off before its answer. */
  ask(question: Question): Promise<Asked | undefined>;
  close(): Promise<void>;
}

export interface Asked extends Sent {
  readonly log: string;
  readonly curl: string;
}

interface Pki {
  readonly trusted: Minted;
  readonly ofOther: Minted;
  /** Takes the place of `trusted`. */
  readonly successor: Minted;
  /** Devices below the trusted CA, below that of the other tenant, and below one that nobody trusts. */
  readonly devices: readonly Minted[];
  readonly uploads: readonly string[];
}

let made: Promise<Pki> | undefined;
const pki = (): Promise<Pki> => (made ??= makePki());

async function makePki(): Promise<Pki> {
  const [trusted, ofOther, successor, fresh, device, intermediate] = await Promise.all([
    aRoot(), aRoot({ commonName: 'Other Root' }), aRoot({ commonName: 'Next Root' }), aRoot({ commonName: 'Fresh Root' }), aDevice(), anIntermediate(await aRoot({ commonName: 'Far Root' })),
  ]);
  const devices = await Promise.all([aDevice(await anIntermediate(trusted)), aDevice(ofOther, { commonName: 'lathe-1' }), aDevice(fresh)]);
  const bare = Buffer.from(fresh.der).toString('base64');
  return { trusted, ofOther, successor, devices, uploads: [fresh.certificatePem, bare, intermediate.certificatePem, trusted.certificatePem, device.certificatePem, fresh.certificatePem + intermediate.certificatePem] };
}

const CSV = ['ID,AUTH_TYPE\nnew-1,CERTIFICATES\n', 'AUTH_TYPE\tID\tNAME\nCERTIFICATES\tnew-2\tx\nBASIC\tnew-3\ty\n', 'ID;AUTH_TYPE\n"a\nb";CERTIFICATES\n', 'ID\n', '\ufeffID,AUTH_TYPE,CREDENTIALS\nx,CERTIFICATES,canary-4f1c9a\n'];

/** Signs the code as `openssl dgst -sha256 -sign` does. */
const signed = (code: string, { keyPem }: Minted): string => sign('sha256', Buffer.from(code), createPrivateKey(keyPem)).toString('base64');

/** PEM as a header takes it. */
const inHeader = (pem: string): string => pem.replaceAll('\n', ' ');

/** A gate of its own with three tenants, a trusted certificate in two of them, a device with a token, and its object. */
export async function aWorld(): Promise<World> {
  const [api, { trusted, ofOther, successor, devices, uploads }] = await Promise.all([anApi(), pki()]);
  const trust = async (tenant: 'main' | 'other', { certificatePem }: Minted): Promise<{ fingerprint: string; proofOfPossessionUnsignedVerificationCode: string }> =>
    (await api.ask(`POST /tenant/tenants/${tenant}/trusted-certificates`, { as: `${tenant}/admin`, payload: { certInPemFormat: certificatePem, status: 'ENABLED', autoRegistrationEnabled: true } })).json();
  const [anchor, foreign] = [await trust('main', trusted), await trust('other', ofOther)];
  const next = await trust('main', successor);
  await api.ask(`PUT /fleetgate/trust/${anchor.fingerprint}/successor`, { as: 'main/admin', payload: { successor: next.fingerprint } });
  const token = await api.tokenBy(anchor);
  const lists = [8, 9].map((number) => pem(listBy(trusted, { number, revoked: [['77']] }), 'X509 CRL'));
  const list = await api.ask(`POST /fleetgate/revocation-lists/${anchor.fingerprint}`, { as: 'main/admin', payload: pem(listBy(trusted), 'X509 CRL'), headers: { 'content-type': 'application/pkix-crl' } });
  await api.ask(`PUT /fleetgate/revocation-list-rules/${anchor.fingerprint}`, { as: 'main/admin', payload: {} });
  await api.ask(`PUT /fleetgate/ocsp-rules/${anchor.fingerprint}`, { as: 'main/admin', payload: { urls: ['http://ocsp/'] } });
  const asked = anAsked({ anchor: anchor.fingerprint as Fingerprint });
  await api.answers.note([{ ...asked, wantedUntil: asked.notAfter }], new Date());
  await api.ask('PUT /tenant/options/configuration/known', { as: 'main/admin', payload: { value: 'x' } });
  await api.ask('PUT /tenant/options/oauth.internal/device-token.issuer', { as: 'main/admin', payload: { value: 'url' } });
  await api.ask('POST /user/main/users', { as: 'main/admin', payload: { userName: 'bob', password: PASSWORD, roles: [] } });
  const objectBy = async (as: { as: 'main/admin' | 'other/admin' } | { bearer: string }): Promise<string> =>
    (await api.ask('POST /inventory/managedObjects', { ...as, payload: { type: 'press', name: 'Press 7', c8y_IsDevice: {} } })).json().id;
  const objects = [await objectBy({ bearer: token }), await objectBy({ as: 'main/admin' }), await objectBy({ as: 'other/admin' })];
  await api.ask(`POST /identity/globalIds/${objects[0]}/externalIds`, { bearer: token, payload: { type: 'c8y_Serial', externalId: 'press-7' } });
  await api.refusalStore.keep([1, 2, 3].map((n) => aRefusal(n)));
  await api.ask('POST /fleetgate/revocations/hold', { as: 'main/admin', payload: { serialNumber: '0a1f' } });
  const listeners = new HttpListeners({ app: api.app, credentials: undefined as never, log: api.log, bind: '127.0.0.1', httpPort: 0 });
  const [origin = ''] = await listeners.start();
  const agent = new Agent({ keepAlive: true });
  const values: Values = {
    tenant: ['main', 'main', 'other', 'management', 'nowhere'],
    fingerprint: [anchor.fingerprint, anchor.fingerprint.toUpperCase(), foreign.fingerprint, 'f'.repeat(40)],
    successor: [next.fingerprint, next.fingerprint, anchor.fingerprint],
    endDate: ['2099-12-31', '2020-01-01'],
    id: ['press-7', 'press-8', ...objects, list.json<{ id: string }>().id],
    name: ['bob', 'device_press-7', 'bob', 'ada'],
    userName: ['carl'],
    password: ['canary-4f1c9a long enough'],
    currentUserPassword: [PASSWORD, 'canary-4f1c9a'],
    newPassword: [PASSWORD],
    roleId: ['ROLE_INVENTORY_READ', 'ROLE_TENANT_ADMIN'],
    self: ['/user/roles/ROLE_INVENTORY_READ'],
    roles: [['ROLE_INVENTORY_READ'], []],
    serialNumber: ['0a1f', '0A:20', '01'],
    serialNumberInHex: ['b1f', '0a1f'],
    revocationDate: ['2026-05-03T12:00:00.000Z', '2999-01-01T00:00:00.000Z'],
    issuer: [anchor.fingerprint, foreign.fingerprint],
    since: ['2026-05-03T12:00:00Z', '2026-05-03T14:00:00.5+02:00'],
    note: ['stolen'],
    type: ['c8y_Serial'],
    externalId: ['press-7', 'press-7', 'press-8'],
    owner: ['device_press-7', 'admin'],
    ids: [objects.join(','), objects[0]!],
    token: [token, `${token}x`, 'x.y.z'],
    proofOfPossessionSignedVerificationCode: [signed(anchor.proofOfPossessionUnsignedVerificationCode, trusted), 'MEUCIQDx'],
    'header:x-ssl-cert-chain': devices.map((device) => inHeader(pemChain(device, 'below-root'))),
    'header:x-cumulocity-client-cert-chain': devices.map((device) => inHeader(pemChain(device))),
    'header:x-cumulocity-tenantid': ['main', 'main', 'other'],
    after: ['press-7', ''],
    urls: [['http://ca/x.crl'], []],
    missing: ['accept', 'refuse'],
    ...Object.fromEntries(['application/pkix-crl', 'application/x-pkcs7-crl', 'application/x-pem-file'].map((type) => [type, lists])),
    category: ['configuration', 'configuration', 'ssl'],
    key: ['known', 'shared-truststore.enabled', 'never.set'],
    certInPemFormat: uploads,
    chain: [...devices.map((device) => pemChain(device)), devices[0]!.certificatePem, uploads[0]!],
    at: ['2027-01-01T00:00:00Z', '2099-01-01T00:00:00Z'],
    clientId: ['press-7', 'd:press-7', ''],
    certificate: [asked.fingerprint, asked.serialNumber, 'f'.repeat(40)],
    hard: [false, true],
    code: ['path.outside-validity', 'tenant.no-anchor-found'],
    domain: ['new.example.com', 'main.example.com'],
    adminName: ['somebody'],
    adminPass: ['canary-4f1c9a long enough'],
    'form:text/csv': [...CSV, 'SERIALNO,DATE\nc1f,\n'],
    'form:file': devices.map((device) => pemChain(device)),
    'form:tenantId': ['main', 'main', 'other'],
    ...Object.fromEntries(['text/csv', 'text/tab-separated-values', 'text/plain', 'application/csv', 'application/octet-stream', 'application/vnd.ms-excel'].map((type) => [type, CSV])),
  };
  const learnt = new Map(Object.entries(values).map(([name, known]) => [name, [...known]]));
  const fill: Fill = ({ $known, index }) => learnt.get($known)![index % learnt.get($known)!.length];
  const credentialOf = ({ caller, credential }: Question): string | undefined =>
    caller === 'nobody' || caller === 'certificate' ? undefined : caller === 'device' ? `Bearer ${token}` : caller === 'odd' ? credential : basic(`${caller}:${PASSWORD}`);
  return {
    values,
    async close() {
      agent.destroy();
      await listeners.stop(0);
    },
    async ask(question) {
      const authorization = credentialOf(question);
      const own = Object.fromEntries(Object.entries(question.headers).map(([name, value]) => [name, isKnown(value) ? String(fill(value)) : value]));
      const headers = { host: 'main.example.com', ...(authorization !== undefined && { authorization }), ...own };
      const url = urlOf(question, fill);
      const payload = payloadOf(question, fill);
      const before = api.lines.length;
      // Who shows a certificate is one of the devices; which, the other choices of the question say.
      const shown = devices[question.credential.length % devices.length]!;
      api.over(question.caller === 'certificate' ? { chain: shown.path.map(({ der }) => der) } : undefined);
      const curl = curlOf(question.method, url, headers, payload);
      const answer = await send(agent, { url: `${origin}${url}`, method: question.method, headers, payload }).catch((error: unknown) => {
        throw new Error(`no answer: ${String(error)}\n${curl}`, { cause: error });
      });
      if (answer === undefined) return undefined;
      learn(learnt, answer.headers['content-type'], answer.body);
      const log = api.lines.slice(before).map(({ level, facts, sentence }) => JSON.stringify({ level, sentence, ...facts }, readable)).join('\n');
      return { ...answer, log, curl };
    },
  };
}

const readable = (_: string, value: unknown): unknown => (value instanceof Error ? value.stack : value);

const urlOf = ({ target, segments, query }: Question, fill: (known: Known) => unknown): string => {
  const shown = (value: string | Known): string => (isKnown(value) ? encodeURIComponent(String(fill(value))) : value);
  const path = target.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => shown(segments[name] ?? 'x'));
  return query.length === 0 ? path : `${path}?${query.map(([name, value]) => `${name}=${shown(value)}`).join('&')}`;
};

/** Ids, names and fingerprints of an answer are good for the next question; but no secret that was sent gets into a path, which may be shown again. */
function learn(learnt: Map<string, unknown[]>, type: unknown, body: string): void {
  if (body === '' || !/^application\/json/.test(String(type)) || body.length > 20_000) return;
  JSON.parse(body, (name, value: unknown) => {
    const known = learnt.get(name);
    if (known && typeof value === 'string' && known.length < 20 && !known.includes(value) && !value.includes(CANARY)) known.push(value);
    return value;
  });
}

const LONGEST_SHOWN = 2000;

/** The request as a line for a shell. A secret of the test is no secret. */
function curlOf(method: string, url: string, headers: Readonly<Record<string, string>>, payload: string | Buffer | undefined): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const shown = payload === undefined ? '' : Buffer.isBuffer(payload) ? `base64:${payload.toString('base64')}` : payload;
  const data = shown.length > LONGEST_SHOWN ? `${shown.slice(0, LONGEST_SHOWN)}…(${shown.length} characters)` : shown;
  return [
    `curl -sS --path-as-is ${method === 'HEAD' ? '-I' : `-X ${method}`}`,
    quoted(`http://127.0.0.1:8080${url}`),
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value.slice(0, 300)}`)}`),
    ...(payload === undefined ? [] : [`--data-binary ${quoted(data)}`]),
  ].join(' ');
}
