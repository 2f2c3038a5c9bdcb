/** Revocation lists made by `openssl ca -gencrl`, brought by hand and fetched, at the running program. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { describeWith, enter, knock, refusalIn, tokenOf, type Call } from '../support/clients.ts';
import { belowRoot, OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';

const STATED_MS = 2_000; // D-14

/** `YYYYMMDDHHMMSSZ`, some hours from now. */
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString().replace(/[-:T]|\.\d+/g, '');

describeWith('openssl')('revocation lists', () => {
  const pki = new OpensslPki();
  const servers: Server[] = [];
  let gate: OperatedGate;
  let root: Issued;
  let count = 0;
  beforeAll(async () => {
    gate = await anOperatedGate();
  });
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });

  /** A CA of its own for each test, with two devices. */
  const aFleet = async (): Promise<readonly [stolen: Issued, kept: Issued]> => {
    root = pki.root(`/CN=Works Root ${++count}`);
    await gate.main.trusts(root);
    return [pki.device(root, `/CN=stolen-${count}`), pki.device(root, `/CN=kept-${count}`)];
  };
  const callOf = (issued: Issued): Call => {
    const { leaf, chain } = belowRoot(issued);
    return { port: gate.mqtts[0]!, caFile: gate.caFile, certFile: pki.chainFile(chain), keyFile: leaf.keyFile, clientId: issued.subject.slice('/CN='.length), version: 5 };
  };
  const codeOf = async (issued: Issued): Promise<string> => {
    const { code, reason } = await knock(callOf(issued));
    return code === 0 ? 'admitted' : refusalIn(reason).replace(/ at depth 0$/, '');
  };
  const cli = async (...args: readonly string[]): Promise<string> => {
    const ran = await gate.cli(...args);
    return ran.exit === 0 ? ran.out : `${ran.exit}: ${ran.err}`;
  };
  const sent = async (path: string, method: string, body: string | object, type = 'application/json') => {
    const answer = await gate.main.call(path, { method, body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': type } });
    const { details } = (await answer.json()) as { details?: { code: string } };
    return details?.code ?? answer.status;
  };
  const mode = async (value: string) => expect(await sent('/tenant/options/fleetgate/check.crl', 'PUT', { value })).toBe(200);
  const rule = async (wish: object) => expect(await sent(`/fleetgate/revocation-list-rules/${root.fingerprint}`, 'PUT', wish)).toBe(200);
  const add = (pem: string) => sent(`/fleetgate/revocation-lists/${root.fingerprint}`, 'POST', pem, 'application/x-pem-file');
  const serving = async (answer: RequestListener): Promise<string> => {
    const server = createServer(answer);
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const inForce = async () => ((await (await gate.main.call('/fleetgate/revocation-lists')).json()) as { revocationLists: { fingerprint: string; from: string }[] }).revocationLists.filter(({ fingerprint }) => fingerprint === root.fingerprint);

  it('X29 T12 a good list revokes: first told, then enforced; the session ends within 2 s, the token is dead, the neighbour stays', async () => {
    const [stolen, kept] = await aFleet();
    const { file } = pki.list(root, [stolen]);
    expect(await cli('crl', 'add', root.fingerprint, file)).toMatch(/^List \S+ of CN=Works Root 1 is in force: 1 revoked, the next one is due .*\nIt refuses nobody yet: check\.crl is off\./);
    expect(await codeOf(stolen)).toBe('admitted');
    await cli('option', 'set', 'fleetgate', 'check.crl', 'report');
    expect(await codeOf(stolen)).toBe('admitted');
    expect(await gate.logged('device.would-be-refused')).toMatchObject({ tenant: 'main', device: 'stolen-1', refusal: 'revocation.revoked' });

    const [device, neighbour] = [await enter(callOf(stolen)), await enter(callOf(kept))];
    const [jwt, others] = [await tokenOf(device), await tokenOf(neighbour)];
    await mode('enforce');
    const goodbye = await Promise.race([device.gone, pause(STATED_MS, 'still there' as const)]);
    expect(goodbye).toMatchObject({ reasonCode: 0x98 });
    const with_ = async (token: string) => (await fetch(`http://127.0.0.1:${gate.http}/user/currentUser`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect([await with_(jwt), await with_(others)]).toEqual([401, 200]);
    expect([await codeOf(stolen), (await tokenOf(neighbour)).length > 0]).toEqual(['revocation.revoked', true]);
    await neighbour.client.endAsync();
    expect(await codeOf(kept)).toBe('admitted');

    const [, line = ''] = (await cli('crl', 'list')).split('\n');
    expect(line).toMatch(/ full {2}1 .* main\/admin {2}CN=Works Root 1$/);
    expect(await cli('crl', 'remove', line.split(' ')[0]!)).toMatch(/is no longer in force/);
    expect(await codeOf(stolen)).toBe('admitted');
  });

  it('X29 DER is taken as well as PEM, and the newest list is in force', async () => {
    const [stolen] = await aFleet();
    const der = pki.newFile('list.der');
    execFileSync('openssl', ['crl', '-in', pki.list(root, [], { validity: [inHours(-2), inHours(2)] }).file, '-outform', 'DER', '-out', der]);
    await cli('crl', 'add', root.fingerprint, der);
    await mode('enforce');
    expect(await codeOf(stolen)).toBe('admitted');
    expect(await add(pki.list(root, [stolen], { number: 2, validity: [inHours(-1), inHours(2)] }).pem)).toBe(201);
    expect(await codeOf(stolen)).toBe('revocation.revoked');
    expect(await cli('crl', 'add', root.fingerprint, der)).toMatch(/^3: .*list\.not-newer/);
    expect(await codeOf(stolen)).toBe('revocation.revoked');
  });

  it('X29 a stale list follows its rule: taken as new, then with a warning, then refused; and one that is missing is refused', async () => {
    const [, kept] = await aFleet();
    await mode('enforce');
    expect(await codeOf(kept)).toBe('admitted');
    await rule({});
    expect(await codeOf(kept)).toBe('revocation.list-missing');
    const { pem } = pki.list(root, [], { validity: [inHours(-1), inHours(4_000 / 3_600_000)] });
    expect(await add(pem)).toBe(201);
    await pause(4_100); // its nextUpdate is over
    expect(await codeOf(kept)).toBe('admitted');
    await rule({ acceptHours: 0 });
    expect(await codeOf(kept)).toBe('admitted');
    expect(await gate.logged('would be refused: revocation.list-stale')).toMatchObject({ device: `kept-${count}` });
    await rule({ acceptHours: 0, refuseHours: 0 });
    expect(await codeOf(kept)).toBe('revocation.list-stale');
    expect(await cli('crl', 'rule', root.fingerprint, '--usual')).toContain('24 hours');
    expect(await codeOf(kept)).toBe('admitted');
  });

  it('X29 a list that is forged, old, of another issuer or of version 1 is refused with the reason, and changes nothing', async () => {
    const [stolen] = await aFleet();
    await mode('enforce');
    expect(await add(pki.list(root, [stolen]).pem)).toBe(201);
    const forger = pki.root(root.subject);
    expect([
      await add(pki.list(forger, []).pem),
      await add(pki.list(root, [], { validity: [inHours(-3), inHours(-2)] }).pem),
      await add(pki.list(pki.root('/CN=Other'), []).pem),
      await add(pki.list(root, [], { version: 1 }).pem),
      await add(root.pem),
    ]).toEqual(['list.signature-invalid', 'list.expired', 'list.issuer-not-found', 'list.not-version-2', 'list.unreadable']);
    expect(await cli('crl', 'add', root.fingerprint, root.keyFile)).toMatch(/^2: .*holds a private key\. Nothing was sent/);
    expect(await codeOf(stolen)).toBe('revocation.revoked');
  });

  it('X29 a list is fetched from where an operator said, and the last good one stays when the next is forged or hangs', async () => {
    const [stolen] = await aFleet();
    let answer: RequestListener = (_request, response) => response.end(pki.list(root, [stolen]).pem);
    const asked: string[] = [];
    const url = await serving((request, response) => {
      asked.push(request.url!);
      answer(request, response);
    });
    await mode('enforce');
    expect(await cli('crl', 'rule', root.fingerprint, '--fetch-from', `${url}/works.crl`)).toContain(`Lists are fetched from ${url}/works.crl.`);
    while ((await inForce()).length === 0) await pause(100);
    expect([await codeOf(stolen), (await inForce())[0]?.from]).toEqual(['revocation.revoked', `${url}/works.crl`]);

    answer = (_request, response) => response.end(pki.list(pki.root(root.subject), []).pem);
    await rule({ urls: [`${url}/forged.crl`] });
    expect(await gate.logged('/forged.crl')).toMatchObject({ audit: 'list.refused', reason: 'list.signature-invalid' });
    answer = () => undefined; // hangs
    await rule({ urls: [`${url}/hangs.crl`] });
    while (!asked.includes('/hangs.crl')) await pause(100);
    expect(await codeOf(stolen)).toBe('revocation.revoked');
    expect(asked).toEqual(['/works.crl', '/forged.crl', '/hangs.crl']);
  });

  it('X29 a redirect to loopback or to the metadata of a cloud is refused, and nobody there is asked', async () => {
    await aFleet();
    let isAsked = false;
    const metadata = await serving((_request, response) => {
      isAsked = true;
      response.end('secret');
    });
    const url = await serving((request, response) => response.writeHead(302, { location: request.url === '/1' ? `${metadata}/latest` : 'http://169.254.169.254/latest' }).end());
    await rule({ urls: [`${url}/1`, `${url}/2`] });
    expect((await gate.logged('redirected to 127.0.0.1, which is no public address')).msg).toContain(`url ${url}/1`);
    expect((await gate.logged('redirected to 169.254.169.254, which is no public address')).msg).toContain(`url ${url}/2`);
    expect([isAsked, await inForce()]).toEqual([false, []]);
  });

  it('X29 no list is fetched from where a certificate says', async () => {
    const asked: string[] = [];
    const url = await serving((request, response) => {
      asked.push(request.url!);
      response.writeHead(404).end();
    });
    await aFleet();
    const device = pki.device(root, '/CN=pointer', { extensions: ['basicConstraints=CA:FALSE', 'keyUsage=digitalSignature', `crlDistributionPoints=URI:${url}/theirs.crl`, `authorityInfoAccess=OCSP;URI:${url}/ocsp`] });
    await mode('report');
    expect(await codeOf(device)).toBe('admitted');
    await rule({ urls: [`${url}/ours.crl`] });
    await gate.logged('/ours.crl');
    expect([await codeOf(device), asked]).toEqual(['admitted', ['/ours.crl']]);
  });
});
