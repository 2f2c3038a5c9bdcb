/** A device's token without MQTT: mutual TLS on FLEETGATE_MTLS_PORT, as curl and our own command line speak it (wire-contract §3.4). */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, enter, itWith, jsse, run, tokenOf, type Call } from '../support/clients.ts';
import { belowRoot, OpensslPki, pemOf, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';

const INFO = 'https://www.cumulocity.com/guides/reference-guide/#error_reporting';
const PATH = '/devicecontrol/deviceAccessToken';
const INVALID = JSON.stringify({ error: 'security/Unauthorized', message: 'Invalid certificate chain!', info: INFO }).slice(0, -1);
const FULL = JSON.stringify({ error: 'security/Unauthorized', message: 'Full authentication is required to access this resource', info: INFO });

describeWith('openssl')('a device token over mutual TLS', () => {
  const pki = new OpensslPki();
  let gate: OperatedGate;
  let root: Issued;
  let middle: Issued;
  let device: Issued;
  beforeAll(async () => {
    gate = await anOperatedGate();
    root = pki.root('/CN=Works Root');
    middle = pki.intermediate(root, '/CN=Works Intermediate');
    device = pki.device(middle, '/CN=press-7');
    await gate.main.trusts(root);
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });

  /** curl that shows these certificates; each answer ends in a line with its status and how many connections it made. */
  async function curl(shown: readonly Issued[], more: readonly string[] = [], times = 1): Promise<readonly { status: number; connects: number; body: string }[]> {
    const identity = shown.length === 0 ? [] : ['--cert', pki.chainFile(shown), '--key', shown[0]!.keyFile];
    const url = `https://localhost:${gate.mtls}${PATH}`;
    const args = ['--silent', '--show-error', '--cacert', gate.caFile, ...identity, '--request', 'POST', '--header', 'Accept: application/json', '--write-out', '\n%{http_code} %{num_connects}\n', ...more];
    const { code, out, err } = await run('curl', [...args, ...Array<string>(times).fill(url)]);
    if (code !== 0) throw new Error(err);
    return [...out.matchAll(/(.*)\n(\d{3}) (\d)\n/g)].map(([, body = '', status, connects]) => ({ body, status: Number(status), connects: Number(connects) }));
  }
  const headerOf = (...all: readonly Issued[]): string => pemOf(all).replaceAll('\n', ' ');
  const subjectOf = (body: string): string => {
    const { accessToken, ...rest } = JSON.parse(body) as Record<string, string>;
    expect(rest).toEqual({ idToken: null, expiresIn: null, refreshToken: null, info: null });
    return (JSON.parse(Buffer.from(accessToken!.split('.')[1]!, 'base64url').toString()) as { sub: string }).sub;
  };

  itWith('curl')('is given to curl, on a first connection and again on the same one', async () => {
    const answers = await curl([device, middle], [], 3);
    expect(answers.map(({ status, connects, body }) => [status, connects, subjectOf(body)])).toEqual([[200, 1, 'device_press-7'], [200, 0, 'device_press-7'], [200, 0, 'device_press-7']]);
    expect(await gate.main.devices()).toContain('press-7');
  });

  itWith('curl')('is given with the intermediates in X-Ssl-Cert-Chain: those alone and a space (go-c8y), or the whole chain', async () => {
    for (const header of [`${headerOf(middle)} `, headerOf(device, middle, root), headerOf(root, middle)]) {
      const [answer] = await curl([device], ['--header', `X-Ssl-Cert-Chain: ${header}`]);
      expect([answer!.status, subjectOf(answer!.body)]).toEqual([200, 'device_press-7']);
    }
  });

  itWith('curl')('is refused in the words of the compatible API, byte for byte', async () => {
    const [nobody] = await curl([]);
    expect([nobody!.status, nobody!.body]).toEqual([401, FULL]);
    const [lone] = await curl([device]);
    expect([lone!.status, lone!.body.slice(0, INVALID.length)]).toEqual([401, INVALID]);
    const [broken] = await curl([device], ['--header', 'X-Ssl-Cert-Chain: -----BEGIN CERTIFICATE----- MIIB']);
    const parse = JSON.stringify({ error: 'Device Certificates/Bad Request', message: 'Cannot parse X509 certificate. : Incomplete data', info: INFO }).slice(0, -1);
    expect([broken!.status, broken!.body.slice(0, parse.length)]).toEqual([400, parse]);
    const { out } = await run('curl', ['--silent', '--include', '--cacert', gate.caFile, '--cert', pki.chainFile([device, middle]), '--key', device.keyFile, `https://localhost:${gate.mtls}/tenant/currentTenant`]);
    expect(out).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    expect(out).toContain('\r\nwww-authenticate: Basic realm="Cumulocity"\r\n');
    expect(out.split('\r\n\r\n')[1]).toBe(FULL);
  });

  itWith('curl')('J06 is refused at once where its CA was disabled, and opens no path any more', async () => {
    const other = pki.root('/CN=Other Root');
    await gate.main.trusts(other);
    const own = pki.device(other, '/CN=press-8');
    const [first] = await curl([own]);
    const jwt = (JSON.parse(first!.body) as { accessToken: string }).accessToken;
    const currentUser = () => fetch(`http://127.0.0.1:${gate.http}/user/currentUser`, { headers: { authorization: `Bearer ${jwt}` } }).then(({ status }) => status);
    expect(await currentUser()).toBe(200);
    await gate.main.changes(other, { status: 'DISABLED' });
    const [second] = await curl([own]);
    expect([second!.status, second!.body.slice(0, INVALID.length)]).toEqual([401, INVALID]);
    expect(await currentUser()).toBe(401);
  });

  it('is printed alone by `fleetgate token fetch`, for a shell to take', async () => {
    const { exit, out, err } = await gate.cli('token', 'fetch', '--cert', pki.chainFile([device, middle]), '--key', device.keyFile, '--url', `https://localhost:${gate.mtls}`, '--ca', gate.caFile);
    expect([exit, err, out]).toEqual([0, '', expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)]);
    expect(await gate.cliFed(out, 'token', 'verify')).toMatchObject({ exit: 0, out: expect.stringContaining('sub: device_press-7') });
  });

  it('is the one that the session of the device has, which goes on', async () => {
    const call: Call = { port: gate.mqtts[0]!, caFile: gate.caFile, certFile: pki.chainFile(belowRoot(device).chain), keyFile: device.keyFile, clientId: 'press-7', version: 5 };
    const session = await enter(call);
    const { out } = await gate.cli('token', 'fetch', '--cert', call.certFile, '--key', call.keyFile, '--url', `https://localhost:${gate.mtls}`, '--ca', gate.caFile);
    expect(out.trim()).toBe(await tokenOf(session));
    await session.client.endAsync();
  });

  for (const key of ['P-256', 'RSA-2048'] as const) {
    itWith('java')(`Java sends its chain, for the server names no issuer, and is admitted: ${key}`, async () => {
      const own = pki.device(pki.intermediate(root, `/CN=Java Intermediate ${key}`, { key }), `/CN=java-${key}`, { key });
      const call = { port: gate.mqtts[1]!, caFile: gate.caFile, certFile: pki.chainFile(belowRoot(own).chain), keyFile: own.keyFile, clientId: `java-${key}` };
      expect(await jsse(call)).toMatchObject({ code: 0, out: 'sent 2 certificates over TLSv1.3\nCONNACK 0\n' });
      expect(await jsse({ ...call, clientId: 'somebody-else' })).toMatchObject({ code: 0, out: expect.stringContaining('CONNACK 5') });
    }, 60_000);
  }

  it('leaves no key or token in the log', () => {
    expect(gate.output()).not.toContain('PRIVATE KEY');
    expect(gate.output()).not.toMatch(/eyJ[\w-]+\.eyJ/);
    expect(readFileSync(gate.caFile, 'utf8')).toContain('BEGIN CERTIFICATE');
  });
});
