/** OCSP responders: `openssl ocsp` as it is, and in front of it servers that hang, forge, repeat and redirect, at the running program. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { describeWith, enter, knock, refusalIn, tokenOf, type Call } from '../support/clients.ts';
import { belowRoot, OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { OpensslResponder, type ResponderWish } from '../support/openssl-responder.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';

const STATED_MS = 2_000; // D-14

interface State {
  readonly status: string;
  readonly from?: string;
  readonly problem?: string;
}

describeWith('openssl')('OCSP', () => {
  const pki = new OpensslPki();
  const responders: OpensslResponder[] = [];
  let gate: OperatedGate;
  let root: Issued;
  let count = 0;
  beforeAll(async () => {
    gate = await anOperatedGate();
  });
  afterEach(async () => {
    for (const responder of responders.splice(0)) await responder.close();
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });

  /** A CA of its own for each test, with two devices. */
  const aFleet = async (): Promise<readonly [stolen: Issued, kept: Issued]> => {
    root = pki.root(`/CN=Answering Root ${++count}`);
    await gate.main.trusts(root);
    return [pki.device(root, `/CN=stolen-${count}`), pki.device(root, `/CN=kept-${count}`)];
  };
  const aResponder = (wish: Partial<ResponderWish> = {}): OpensslResponder => {
    const responder = new OpensslResponder(pki, { ca: root, ...wish });
    responders.push(responder);
    return responder;
  };
  const delegate = (extensions = ['extendedKeyUsage=OCSPSigning']): Issued => pki.device(root, '/CN=Responder', { extensions: ['basicConstraints=CA:FALSE', 'keyUsage=digitalSignature', ...extensions] });
  const callOf = (issued: Issued): Call => {
    const { leaf, chain } = belowRoot(issued);
    return { port: gate.mqtts[0]!, caFile: gate.caFile, certFile: pki.chainFile(chain), keyFile: leaf.keyFile, clientId: issued.subject.slice('/CN='.length), version: 5 };
  };
  const codeOf = async (issued: Issued): Promise<string> => {
    const { code, reason } = await knock(callOf(issued));
    return code === 0 ? 'admitted' : `${code.toString(16)} ${refusalIn(reason).replace(/ at depth 0$/, '')}`;
  };
  const cli = async (...args: readonly string[]): Promise<string> => {
    const ran = await gate.cli(...args);
    return ran.exit === 0 ? ran.out : `${ran.exit}: ${ran.err}`;
  };
  const put = async (path: string, body: object): Promise<number> => (await gate.main.call(path, { method: 'PUT', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })).status;
  const mode = async (value: string) => expect(await put('/tenant/options/fleetgate/check.ocsp', { value })).toBe(200);
  const rule = async (wish: object) => expect(await put(`/fleetgate/ocsp-rules/${root.fingerprint}`, wish)).toBe(200);
  const state = async ({ fingerprint }: Issued, act = ''): Promise<State> => {
    const answer = await gate.main.call(`/fleetgate/ocsp-answers/${fingerprint}${act}`, { method: act === '' ? 'GET' : 'POST' });
    return ((await answer.json()) as { ocspAnswers?: readonly State[] }).ocspAnswers?.[0] ?? { status: 'not noted' };
  };
  const ask = (issued: Issued): Promise<State> => state(issued, '/ask');
  /** `openssl ocsp` looks at its index behind a question, and not at each. */
  const hears = async (status: string, about: Issued, other: Issued): Promise<void> => {
    for (let tries = 0; tries < 20 && (await ask(about)).status !== status; tries++) await ask(other);
  };
  const until = async (issued: Issued, wanted: (state: State) => boolean): Promise<State> => {
    for (let at = await state(issued); ; at = await state(issued)) {
      if (wanted(at)) return at;
      await pause(50);
    }
  };

  it('X29 T12 a device that is good and then revoked: its session ends within 2 s, its token is dead, the neighbour stays', async () => {
    const [stolen, kept] = await aFleet();
    const responder = aResponder({ signer: delegate() });
    responder.says('good', stolen, kept);
    await mode('enforce');
    expect(await cli('ocsp', 'rule', root.fingerprint, '--ask-at', await responder.listens())).toMatch(/^Asked are http:\/\/127\.0\.0\.1:\d+\/\.\nSoft: /);
    const [device, neighbour] = [await enter(callOf(stolen)), await enter(callOf(kept))];
    expect((await until(stolen, ({ status }) => status !== 'unanswered' && status !== 'not noted')).status).toBe('good');
    const [jwt, others] = [await tokenOf(device), await tokenOf(neighbour)];

    responder.says('revoked', stolen);
    await hears('revoked', stolen, kept);
    expect(await cli('ocsp', 'ask', stolen.fingerprint)).toMatch(new RegExp(`^Certificate ${stolen.fingerprint} below CA ${root.fingerprint}: revoked \\(keyCompromise\\)\\.`));
    const goodbye = await Promise.race([device.gone, pause(STATED_MS, 'still there' as const)]);
    expect(goodbye).toMatchObject({ reasonCode: 0x98 });
    const with_ = async (token: string) => (await fetch(`http://127.0.0.1:${gate.http}/user/currentUser`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect([await with_(jwt), await with_(others), await codeOf(stolen), (await tokenOf(neighbour)).length > 0]).toEqual([401, 200, '87 revocation.ocsp-revoked', true]);
    await neighbour.client.endAsync();
    expect(await codeOf(kept)).toBe('admitted');
    expect(await cli('audit', 'list', '--what', 'certificate.revoked')).toContain('http://127.0.0.1:');
    const chain = pki.chainFile(belowRoot(stolen).chain);
    expect((await gate.cli('explain', chain, '--server')).out).toContain('✗ revocation.ocsp-revoked');

    responder.says('good', stolen);
    await hears('good', stolen, kept);
    expect([(await ask(stolen)).status, await codeOf(stolen)]).toEqual(['good', 'admitted']);
  });

  it('X29 turned on it reports first; and a hard rule refuses a newcomer until its answer is there, which is soon', async () => {
    const [stolen, kept] = await aFleet();
    const responder = aResponder();
    responder.says('revoked', stolen);
    responder.says('good', kept);
    await mode('report');
    await rule({ urls: [await responder.serves()], hard: true });
    expect(await codeOf(stolen)).toBe('admitted');
    expect(await gate.logged('would be refused: revocation.ocsp-missing')).toMatchObject({ audit: 'device.would-be-refused' });
    await until(stolen, ({ status }) => status === 'revoked');
    expect(await codeOf(stolen)).toBe('admitted');
    await mode('enforce');
    expect([await codeOf(stolen), await codeOf(kept)]).toEqual(['87 revocation.ocsp-revoked', '88 revocation.ocsp-missing']);
    await until(kept, ({ status }) => status === 'good');
    expect(await codeOf(kept)).toBe('admitted');
  });

  it('X29 what the responder does not know is let in and recorded by a soft rule, and refused by a hard one', async () => {
    const [stranger] = await aFleet();
    const url = await aResponder().serves();
    await mode('enforce');
    await rule({ urls: [url] });
    expect(await codeOf(stranger)).toBe('admitted');
    await until(stranger, ({ status }) => status === 'unknown');
    expect(await codeOf(stranger)).toBe('admitted');
    expect(await gate.logged('would be refused: revocation.ocsp-unknown')).toMatchObject({ audit: 'device.would-be-refused', device: `stolen-${count}` });
    await rule({ urls: [url], hard: true });
    expect(await codeOf(stranger)).toBe('87 revocation.ocsp-unknown');
  });

  it('X29 an answer that is forged, not authorised, about another, repeated or stale changes nothing, and says what it is', async () => {
    const [stolen, kept] = await aFleet();
    const good = aResponder();
    good.says('revoked', stolen);
    let answer = (body: Buffer): Promise<Buffer> => good.answerTo(body);
    const url = await good.serves(async (_request, response, body) => void response.end(await answer(body)));
    await mode('enforce');
    await rule({ urls: [url] });
    await codeOf(stolen);
    await until(stolen, ({ status }) => status === 'revoked');

    const by = (signer: Issued, options?: readonly string[]): OpensslResponder => {
      const responder = aResponder({ signer, ...(options && { options }) });
      responder.says('good', stolen, kept);
      return responder;
    };
    let repeated: Buffer | undefined;
    let about: Buffer | undefined;
    await codeOf(kept);
    const tries: readonly (readonly [string, (body: Buffer) => Promise<Buffer>])[] = [
      ['forged by another key of its name', (body) => by(pki.root(root.subject)).answerTo(body)],
      ['its signature is damaged', (body) => by(root, ['-badsig']).answerTo(body)],
      ['signed by a certificate that is not for it', (body) => by(delegate([])).answerTo(body)],
      ['signed by a certificate of another CA', (body) => by(pki.device(pki.root('/CN=Other'), '/CN=R', { extensions: ['extendedKeyUsage=OCSPSigning'] })).answerTo(body)],
      ['signed by a certificate that ended', (body) => by(pki.device(root, '/CN=R', { extensions: ['extendedKeyUsage=OCSPSigning'], validity: ['20200101000000Z', '20210101000000Z'] })).answerTo(body)],
      ['the answer to a former question', async (body) => (repeated ??= await by(root).answerTo(body))],
      ['the same again', async () => repeated!],
      ['no answer at all', async () => Buffer.from('<html>')],
      ['an error of the responder', async () => Buffer.from('30030a0106', 'hex')],
      ['revoked, and about another', async () => (about ??= await good.answerTo(await requestAbout(kept)))],
    ];
    const requestAbout = async (other: Issued): Promise<Buffer> => {
      let request: Buffer = Buffer.alloc(0);
      answer = async (body) => good.answerTo((request = body));
      await ask(other);
      return request;
    };
    const heard: string[] = [];
    for (const [, spoilt] of tries) {
      answer = spoilt;
      const { status, problem } = await ask(stolen);
      heard.push(`${status} ${problem ?? 'no problem'}`);
    }
    expect(heard).toEqual([
      'revoked ocsp.signature-invalid',
      'revoked ocsp.signature-invalid',
      'revoked ocsp.signer-not-authorised',
      'revoked ocsp.signer-not-authorised',
      'revoked ocsp.signer-outside-validity',
      'good no problem',
      'good ocsp.wrong-nonce',
      'good ocsp.unreadable',
      'good ocsp.not-successful',
      'good ocsp.other-certificate',
    ]);
  });

  it('X29 a responder that hangs holds up no device, nor another responder', async () => {
    const [stolen, kept] = await aFleet();
    let asked = 0;
    await mode('enforce');
    await rule({ urls: [await aResponder().serves(() => void (asked += 1))] });
    const started = Date.now();
    expect([await codeOf(stolen), await codeOf(kept)]).toEqual(['admitted', 'admitted']);
    expect(Date.now() - started).toBeLessThan(5_000);
    while (asked < 2) await pause(50);
    const [third] = await aFleet();
    const responder = aResponder();
    responder.says('good', third);
    await rule({ urls: [await responder.serves()] });
    await codeOf(third);
    expect((await until(third, ({ status }) => status === 'good')).status).toBe('good');
    expect(await gate.logged('it took longer than 10000 ms')).toMatchObject({ code: 'ocsp.not-asked' });
  });

  it('X29 a redirect to loopback or to the metadata of a cloud is refused, and nobody there is asked', async () => {
    const [device] = await aFleet();
    let isAsked = false;
    const metadata = await aResponder().serves((_request, response) => {
      isAsked = true;
      response.end('secret');
    });
    let location = `${metadata}latest`;
    const url = await aResponder().serves((_request, response) => void response.writeHead(307, { location }).end());
    await mode('report');
    await rule({ urls: [url] });
    await codeOf(device);
    expect((await gate.logged('redirected to 127.0.0.1, which is no public address')).msg).toContain(`url ${url}`);
    location = 'http://169.254.169.254/latest';
    expect([(await ask(device)).problem, isAsked]).toEqual(['ocsp.not-asked', false]);
  });

  it('X29 nobody is asked where a certificate says', async () => {
    await aFleet();
    const asked: string[] = [];
    const url = await aResponder().serves((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers['content-type']}`);
      response.writeHead(404).end();
    });
    const device = pki.device(root, '/CN=pointer', { extensions: ['basicConstraints=CA:FALSE', 'keyUsage=digitalSignature', `authorityInfoAccess=OCSP;URI:${url}theirs`] });
    await mode('report');
    expect(await codeOf(device)).toBe('admitted');
    await rule({ urls: [`${url}ours`] });
    expect(await codeOf(device)).toBe('admitted');
    await until(device, ({ problem }) => problem === 'ocsp.not-asked');
    expect(new Set(asked)).toEqual(new Set(['POST /ours application/ocsp-request']));
    expect(await cli('ocsp', 'rule', root.fingerprint, '--none')).toBe('Responders of this CA are not asked.\n');
    expect((await state(device)).status).toBe('not noted');
  });
});
