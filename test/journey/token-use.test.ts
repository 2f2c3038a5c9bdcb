/** What a device's token is good for: the HTTP API, and any service that has the published keys. */
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { BasicAuth, Client, TrustedCertificateService } from '@c8y/client';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { describeWith, enter, itWith, run, tokenOf, type Call } from '../support/clients.ts';
import { belowRoot, opensslVerifies, OpensslPki } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Another character at this place; what stands there decides which. */
const other = (character: string): string => BASE64URL[(BASE64URL.indexOf(character) + 1) % 64]!;

describeWith('openssl')('a token', () => {
  const pki = new OpensslPki();
  let gate: OperatedGate;
  let call: Call;
  let jwt: string;

  beforeAll(async () => {
    gate = await anOperatedGate({ env: { FLEETGATE_LOG_LEVEL: 'debug' } });
    const root = pki.root('/CN=Works Root');
    await gate.main.trusts(root);
    const { leaf, chain } = belowRoot(pki.device(pki.intermediate(root, '/CN=Works Intermediate'), '/CN=press-7'));
    call = { port: gate.mqtts[0]!, caFile: gate.caFile, certFile: pki.chainFile(chain), keyFile: leaf.keyFile, clientId: 'press-7', version: 5 };
    jwt = await freshToken();
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });

  const freshToken = async (): Promise<string> => {
    const device = await enter(call);
    const token = await tokenOf(device);
    await device.client.endAsync();
    return token;
  };
  const statusFor = async (token: string): Promise<number> => {
    const { status, body } = await fetch(`http://127.0.0.1:${gate.http}/user/currentUser`, { headers: { authorization: `Bearer ${token}` } });
    await body?.cancel();
    return status;
  };
  const jwks = async (): Promise<readonly JsonWebKey[]> =>
    ((await (await fetch(`http://127.0.0.1:${gate.http}/.well-known/jwks.json`)).json()) as { keys: JsonWebKey[] }).keys;

  for (const [how, base] of [['HTTPS', () => `https://127.0.0.1:${gate.https}`], ['plain HTTP on the loopback address', () => `http://127.0.0.1:${gate.http}`]] as const) {
    itWith('curl')(`opens /user/currentUser for curl over ${how}`, async () => {
      const { code, out } = await curl(`${base()}/user/currentUser`);
      expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ id: 'device_press-7', userName: 'device_press-7', self: `${base()}/user/currentUser` })]);
    });
  }

  function curl(url: string, token = jwt): ReturnType<typeof run> {
    return run('curl', ['--silent', '--show-error', '--fail', '--cacert', gate.caFile, '--header', '@-', url], `Authorization: Bearer ${token}\n`);
  }

  itWith('curl')('is refused for curl with 401 when it is another one', async () => {
    const { code, err } = await curl(`https://127.0.0.1:${gate.https}/user/currentUser`, `${jwt.slice(0, -2)}${other(jwt.at(-2)!)}${jwt.at(-1)!}`);
    expect([code, err]).toEqual([22, expect.stringContaining('401')]);
  });

  it('J01 with any one character changed gets 401, at every position', async () => {
    const changed = [...jwt].map((character, i) => jwt.slice(0, i) + other(character) + jwt.slice(i + 1));
    const statuses = await inTurns(changed, statusFor);
    expect(statuses.flatMap((status, position) => (status === 401 ? [] : [{ position, status }]))).toEqual([]);
    expect(await statusFor(jwt)).toBe(200);
  });

  it('J01 with any other last character gets 401, those included that decode to the same bytes', async () => {
    const changed = [...BASE64URL].filter((character) => character !== jwt.at(-1)).map((character) => jwt.slice(0, -1) + character);
    const same = changed.filter((each) => Buffer.from(each.split('.')[2]!, 'base64url').equals(Buffer.from(jwt.split('.')[2]!, 'base64url')));
    expect([changed.length, same.length]).toEqual([63, 15]);
    expect(new Set(await inTurns(changed, statusFor))).toEqual(new Set([401]));
  });

  it('J01 cut, lengthened, padded or in the wrong case gets 401', async () => {
    const changed = [jwt.slice(0, -1), `${jwt}A`, `${jwt}=`, `${jwt}.`, `.${jwt}`, jwt.toLowerCase(), `71,${jwt}`, jwt.split('.').slice(0, 2).join('.')];
    expect(await inTurns(changed, statusFor)).toEqual(changed.map(() => 401));
  });

  it('is verified by jose against the published keys, with the domain of the tenant as issuer and audience', async () => {
    const keys = createRemoteJWKSet(new URL(`http://127.0.0.1:${gate.http}/.well-known/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(jwt, keys, { issuer: 'localhost', audience: 'localhost', subject: 'device_press-7', algorithms: ['ES256'] });
    expect([protectedHeader.alg, payload['ten'], payload.exp! - payload.iat!]).toEqual(['ES256', 'main', 3600]);
  });

  it('is verified by openssl against the published key, and with one character changed it is not', async () => {
    const { kid } = JSON.parse(Buffer.from(jwt.split('.')[0]!, 'base64url').toString()) as { kid: string };
    const jwk = (await jwks()).find((key) => key['kid'] === kid)!;
    const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
    const middle = Math.floor(jwt.length / 2);
    const changed = jwt.slice(0, middle) + other(jwt[middle]!) + jwt.slice(middle + 1);
    expect([opensslVerifies(pki, jwt, pem), opensslVerifies(pki, changed, pem)]).toEqual([true, false]);
  });

  it('J08 stays good when the signing key is rotated; new ones carry the new key, and both keys are published without private members', async () => {
    expect((await gate.cli('keys', 'rotate')).exit).toBe(0);
    const next = await freshToken();
    const kids = [jwt, next].map((token) => (JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid: string }).kid);
    expect([await statusFor(jwt), await statusFor(next), kids[0] === kids[1]]).toEqual([200, 200, false]);
    const keys = await jwks();
    expect(keys.map((key) => key['kid'])).toEqual(expect.arrayContaining(kids));
    expect(keys.flatMap((key) => Object.keys(key)).filter((member) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(member))).toEqual([]);
  });

  it('@c8y/client lists, creates, updates and deletes trusted certificates of the running program', async () => {
    const client = new Client(new BasicAuth({ tenant: 'main', user: 'admin', password: gate.password }), `http://127.0.0.1:${gate.http}`);
    client.core.tenant = (await client.tenant.current()).data.name!;
    const certificates = new TrustedCertificateService(client.core);
    const { pem, fingerprint } = pki.root('/CN=Another Root');
    const created = await certificates.create({ name: 'Another', status: 'ENABLED', certInPemFormat: pem, autoRegistrationEnabled: true } as never);
    const listed = await certificates.list({ pageSize: 100, withTotalPages: true });
    const updated = await certificates.update({ fingerprint, status: 'DISABLED' } as never);
    const deleted = await certificates.delete(fingerprint);
    expect([created.res.status, updated.data.status, deleted.res.status]).toEqual([201, 'DISABLED', 204]);
    expect(listed.data.map((each) => each.fingerprint)).toContain(fingerprint);
  });

  it('J12 stands in no line of the log, not even in part, and neither do passwords or keys', async () => {
    await inTurns([`${jwt}x`, 'nonsense'], statusFor);
    await fetch(`http://127.0.0.1:${gate.http}/tenant/currentTenant`, { headers: { authorization: `Basic ${Buffer.from('main/admin:mistyped-secret').toString('base64')}` } });
    const written = gate.output();
    const [, claims = '', signature = ''] = jwt.split('.');
    expect(written).toContain('got a token'); // the log is on
    const secrets = { jwt, claims, signature, password: gate.password, mistyped: 'mistyped-secret', basic: Buffer.from(`main/admin:${gate.password}`).toString('base64'), key: 'PRIVATE KEY' };
    expect(Object.entries(secrets).filter(([, secret]) => written.includes(secret)).map(([name]) => name)).toEqual([]);
  });
});

/** A few at a time: one after the other takes seconds, all at once is a storm. */
async function inTurns<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  for (let i = 0; i < items.length; i += 16) answers.push(...(await Promise.all(items.slice(i, i + 16).map(ask))));
  return answers;
}
