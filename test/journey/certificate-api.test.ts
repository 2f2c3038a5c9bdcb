/** What operators' scripts do with trusted certificates by curl and openssl: wire-contract §8 item 1 (without its revocation lists) and item 9. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, itWith, knock, run, type Call } from '../support/clients.ts';
import { belowRoot, derOf, OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate, type Operator } from '../support/operated-gate.ts';

const INFO = 'https://www.cumulocity.com/guides/reference-guide/#error_reporting';
const LIST = '/tenant/tenants/main/trusted-certificates';

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

describeWith('openssl')('a script with curl and openssl', () => {
  const pki = new OpensslPki();
  let gate: OperatedGate;
  beforeAll(async () => {
    gate = await anOperatedGate();
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });

  /** As go-c8y does: Basic, `Accept: application/json`, HTTPS. */
  async function curl(method: string, path: string, body?: object): Promise<Answer> {
    const login = pki.newFile('login');
    writeFileSync(login, `user = "main/admin:${gate.password}"\n`);
    const content = body === undefined ? [] : ['--header', 'Content-Type: application/json', '--data-binary', '@-'];
    const args = ['--silent', '--show-error', '--cacert', gate.caFile, '--config', login, '--header', 'Accept: application/json', '--request', method, '--write-out', '\n%{http_code}', ...content];
    const { code, out, err } = await run('curl', [...args, `https://localhost:${gate.https}${path}`], body === undefined ? '' : JSON.stringify(body));
    if (code !== 0) throw new Error(err);
    const [, text = '', status = ''] = /^([^]*)\n(\d{3})$/.exec(out) ?? [];
    return { status: Number(status), text, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) };
  }

  const signature = async (code: unknown, { keyFile }: Issued, end = ''): Promise<string> => {
    const text = pki.newFile('code.txt');
    writeFileSync(text, `${String(code)}${end}`);
    const { out } = await run('sh', ['-c', 'openssl dgst -sha256 -sign "$1" "$2" | openssl base64 -A', 'sh', keyFile, text]);
    return out;
  };
  const upload = (ca: Issued): object => ({ certInPemFormat: Buffer.from(derOf(ca)).toString('base64'), status: 'ENABLED', name: 'plant', fingerprint: ca.fingerprint, autoRegistrationEnabled: 'true' });

  itWith('curl')('creates, proves, disables, reads, lists and deletes a trusted certificate (go-c8y Test_TrustedCertifcates)', async () => {
    const ca = pki.root('/O=Plant/CN=Plant Root');
    const made = await curl('POST', LIST, upload(ca));
    const sha1 = (await run('openssl', ['x509', '-in', ca.file, '-noout', '-fingerprint', '-sha1'])).out.split('=')[1]!.trim().replaceAll(':', '').toLowerCase();
    expect([made.status, made.body['fingerprint'], made.body['certInPemFormat']]).toEqual([201, sha1, Buffer.from(derOf(ca)).toString('base64')]);
    expect(made.body).toMatchObject({ subject: 'CN=Plant Root, O=Plant', algorithmName: 'SHA256withECDSA', version: 3, autoRegistrationEnabled: true, proofOfPossessionValid: false });

    const pop = `${LIST}-pop/${sha1}`;
    expect(made.body['proofOfPossessionUnsignedVerificationCode']).toMatch(/^[A-Za-z0-9+/]{160}$/);
    expect(Date.parse(String(made.body['proofOfPossessionVerificationCodeUsableUntil']))).toBeGreaterThan(Date.now());
    const renewed = await curl('POST', `${pop}/verification-code`);
    const code = renewed.body['proofOfPossessionUnsignedVerificationCode'];
    expect([renewed.status, code === made.body['proofOfPossessionUnsignedVerificationCode']]).toEqual([200, false]);
    const proven = await curl('POST', `${pop}/pop`, { proofOfPossessionSignedVerificationCode: await signature(code, ca, '\n') });
    expect([proven.status, proven.body['proofOfPossessionValid']]).toEqual([200, true]);

    const disabled = await curl('PUT', `${LIST}/${sha1}`, { status: 'DISABLED' });
    expect([disabled.status, disabled.body['status'], disabled.body['name'], disabled.body['proofOfPossessionValid']]).toEqual([200, 'DISABLED', 'plant', true]);
    expect((await curl('GET', `${LIST}/${sha1}`)).body).toEqual(disabled.body);
    const list = await curl('GET', `${LIST}?pageSize=2000&TenantID=main`);
    expect((list.body['certificates'] as object[]).length).toBeGreaterThanOrEqual(1);
    expect([list.body['self'], (list.body['certificates'] as { self: string }[])[0]!.self]).toEqual([expect.stringMatching(/^https:/), expect.stringMatching(/^https:/)]);
    expect(await curl('DELETE', `${LIST}/${sha1}`)).toMatchObject({ status: 204, text: '' });
  });

  itWith('curl')('reads the errors of the compatible API, byte for byte', async () => {
    const ca = pki.root('/CN=Error Root');
    await curl('POST', LIST, upload(ca));
    const { fingerprint } = ca;
    const start = (error: string, message: string): string => JSON.stringify({ error, message, info: INFO }).slice(0, -1);
    const pop = `${LIST}-pop/${fingerprint}`;
    const rows: readonly [answer: Answer, status: number, error: string, message: string][] = [
      [await curl('POST', LIST, upload(ca)), 409, 'certificate/Duplicate', `Cannot add certificate - certificate with ${fingerprint} fingerprint already exists. : Certificate with ${fingerprint} fingerprint already exists.`],
      [await curl('GET', `${LIST}/${'0'.repeat(40)}`), 404, 'certificate/Not Found', `Cannot find certificate with fingerprint ${'0'.repeat(40)}.`],
      [await curl('POST', `${pop}/pop`, { proofOfPossessionSignedVerificationCode: 'AAAA' }), 400, 'tenants/Bad Request', `Wrong Proof Of Possession plaintext used for tenant <'main'>. Certificate <'${fingerprint}'>, usage not granted.`],
      [await curl('POST', `${pop}/pop`, { proofOfPossessionSignedVerificationCode: 'not base64' }), 422, 'tenants/Unprocessable Entity', `Cannot process certificate data <'${fingerprint}'> for tenant <'main'>.`],
      [await curl('POST', `${pop}/confirmed`), 403, 'security/Forbidden', 'Access is denied.'],
      [await curl('POST', '/tenant/trusted-certificates/verify-cert-chain'), 400, 'Device Certificates/Bad Request', 'Cannot parse X509 certificate. : Incomplete data'],
    ];
    for (const [answer, status, error, message] of rows) {
      expect([answer.status, answer.text.slice(0, start(error, message).length)]).toEqual([status, start(error, message)]);
    }
  });

  it('proves possession by one command, and asks what the gate would say to a chain', async () => {
    const ca = pki.root('/CN=Typed Root', { key: 'RSA-2048' });
    await gate.main.trusts(ca);
    expect(await gate.cli('trust', 'prove', ca.fingerprint, '--key', ca.keyFile)).toEqual({ exit: 0, err: '', out: `Proven: the private key of CN=Typed Root, fingerprint ${ca.fingerprint}, is in the hands of its tenant.\n` });
    const { chain } = belowRoot(pki.device(pki.intermediate(ca, '/CN=Typed Intermediate'), '/CN=press-9'));
    expect(await gate.cli('trust', 'verify', pki.chainFile(chain))).toMatchObject({ exit: 0, out: 'A device with this chain would be let in, as one of tenant main: CN=press-9, issued by CN=Typed Intermediate.\n' });
    expect(await gate.main.devices()).toEqual([]);
    const refused = await gate.cli('trust', 'verify', pki.chainFile(chain.slice(0, 1)));
    expect([refused.exit, refused.err]).toEqual([3, expect.stringContaining('error: Invalid certificate chain! tenant.no-anchor-found')]);
  });
});

describeWith('openssl')('one CA of two tenants, with FLEETGATE_SHARED_TRUST', () => {
  const pki = new OpensslPki();
  let gate: OperatedGate;
  let b: Operator;
  let call: Call;
  let root: Issued;
  beforeAll(async () => {
    gate = await anOperatedGate({ env: { FLEETGATE_SHARED_TRUST: 'on' } });
    b = await gate.tenant('b');
    root = pki.root('/CN=Shared Root');
    const { leaf, chain } = belowRoot(pki.device(root, '/CN=press-7'));
    call = { port: gate.mqtts[0]!, caFile: gate.caFile, certFile: pki.chainFile(chain), keyFile: leaf.keyFile, clientId: 'press-7', version: 5 };
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });
  const homes = async (): Promise<readonly [number, number]> => [(await gate.main.devices()).length, (await b.devices()).length];

  it('T01 is refused while nobody has proven possession, and lands where it is proven (wire-contract §8 item 9)', async () => {
    await gate.main.trusts(root);
    await b.trusts(root);
    const refused = await knock(call);
    expect([refused.code, refused.reason.split(':')[0]]).toEqual([0x87, 'tenant.ambiguous']);
    expect(await homes()).toEqual([0, 0]);

    const path = `/tenant/tenants/b/trusted-certificates`;
    const view = (await (await b.call(`${path}/${root.fingerprint}`)).json()) as { proofOfPossessionUnsignedVerificationCode: string };
    const code = pki.newFile('code.txt');
    writeFileSync(code, view.proofOfPossessionUnsignedVerificationCode);
    const made = pki.newFile('signature');
    await run('openssl', ['dgst', '-sha256', '-sign', root.keyFile, '-out', made, code]);
    const body = JSON.stringify({ proofOfPossessionSignedVerificationCode: readFileSync(made).toString('base64') });
    expect((await b.call(`${path}-pop/${root.fingerprint}/pop`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status).toBe(200);
    expect((await knock(call)).code).toBe(0);
    expect(await homes()).toEqual([0, 1]);

    expect((await gate.cli('trust', 'confirm', 'main', root.fingerprint)).exit).toBe(0);
    expect((await knock(call)).code).toBe(0x87);
    expect((await knock({ ...call, userName: 'main' })).code).toBe(0);
    expect(await homes()).toEqual([1, 1]);
  });
});
