import type { lookup as askDns } from 'node:dns';
import type { RequestListener } from 'node:http';
import { isIP } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { AddressGate } from '../../../src/adapters/fetching/address-gate.ts';
import { isNeverSpokenTo, isPublic } from '../../../src/adapters/fetching/address-rules.ts';
import { redirectTarget } from '../../../src/adapters/fetching/redirect-target.ts';
import { HttpListSource } from '../../../src/adapters/fetching/http-list-source.ts';
import { recordingLog } from '../../support/recording-log.ts';
import { serversForEachTest } from './servers-for-each-test.ts';

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
const patient = new HttpListSource({ pause, timeoutMs: 20_000, mostBytes: 5_000_000 });
const hasty = new HttpListSource({ pause, timeoutMs: 300, mostBytes: 5_000_000 });

const serving = serversForEachTest();
const fetch = async (url: string, allowed = [url], signal?: AbortSignal, source = patient): Promise<unknown> => {
  const answer = await source.fetch({ url, allowed, ...(signal && { signal }) });
  return answer.granted ? Buffer.from(answer.value).toString('latin1') : [answer.refusal.code, answer.refusal.evidence?.['problem']];
};
const redirecting = (location: string): Promise<string> => serving((_request, response) => response.writeHead(302, { location }).end());
const failed = (problem: string | RegExp) => ['list.not-fetched', typeof problem === 'string' ? problem : expect.stringMatching(problem)];

describe('A list is fetched', () => {
  it('as it is, in one request that tells nothing', async () => {
    const asked: unknown[] = [];
    const url = await serving((request, response) => {
      asked.push([request.method, request.url, Object.keys(request.headers).sort()]);
      response.end('a list');
    });
    expect(await fetch(`${url}/a?b=c`)).toBe('a list');
    expect(asked).toEqual([['GET', '/a?b=c', ['accept', 'accept-encoding', 'connection', 'host', 'user-agent']]]);
  });

  it('in many pieces', async () => {
    const whole = 'x'.repeat(4_999_999);
    const url = await serving((_request, response) => response.end(whole));
    expect(await fetch(url)).toBe(whole);
  });

  it('over three redirects of the host that the operator named, and no more', async () => {
    const url = await serving((request, response) => {
      const left = Number(request.url!.slice(1));
      if (left === 0) response.end('a list');
      else response.writeHead(301, { location: `/${left - 1}` }).end();
    });
    expect([await fetch(`${url}/3`), await fetch(`${url}/4`)]).toEqual(['a list', failed('it was redirected more than 3 times')]);
  });

  it('over a redirect to another host that the operator named too', async () => {
    const there = await serving((_request, response) => response.end('a list'));
    const here = await redirecting(`${there}/x`);
    expect(await fetch(here, [here, `${there}/other`])).toBe('a list');
  });
});

describe('X29 A list is not fetched', () => {
  it.each([
    ['the metadata of a cloud', 'http://169.254.169.254/latest/meta-data'],
    ['loopback', 'http://127.0.0.1:9/'],
    ['loopback as a number', 'http://2130706433/'],
    ['loopback in octal', 'http://0177.0.0.1/'],
    ['this host', 'http://0.0.0.0/'],
    ['a private network', 'http://10.1.2.3/'],
    ['another private network', 'http://192.168.1.1/'],
    ['a third private network', 'http://172.31.255.255/'],
    ['loopback of version 6', 'http://[::1]/'],
    ['loopback of version 4 in version 6', 'http://[::ffff:127.0.0.1]/'],
    ['a unique local address', 'http://[fd00:ec2::254]/'],
    ['a link-local address', 'http://[fe80::1]/'],
  ])('over a redirect to %s', async (_what, location) => {
    const url = await redirecting(location);
    expect(await fetch(url)).toEqual(failed(/^it was redirected to .*, which is no public address$/));
  });

  it('over a redirect to another port of the host that the operator named', async () => {
    let isAsked = false;
    const there = await serving((_request, response) => {
      isAsked = true;
      response.end('secret');
    });
    expect(await fetch(await redirecting(there))).toEqual(failed(/no public address/));
    expect(isAsked).toBe(false);
  });

  it('over a redirect to a name of loopback', async () => {
    let isAsked = false;
    const there = await serving((_request, response) => {
      isAsked = true;
      response.end('secret');
    });
    expect(await fetch(await redirecting(there.replace('127.0.0.1', 'localhost')))).toEqual(failed('it was redirected to localhost, which has no public address'));
    expect(isAsked).toBe(false);
  });

  it.each([
    ['a file', 'file:///etc/passwd', 'it was redirected to a URL of file:'],
    ['a URL with a password', 'http://ann:secret@example.com/', 'it was redirected to a URL with a password'],
    ['no URL', 'http://[', 'it was redirected to no URL'],
  ])('over a redirect to %s', async (_what, location, problem) => {
    expect(await fetch(await redirecting(location))).toEqual(failed(problem));
  });

  it('over a redirect to nowhere', async () => {
    expect(await fetch(await serving((_request, response) => response.writeHead(302).end()))).toEqual(failed('it was redirected to no URL'));
  });

  it.each<[string, RequestListener]>([
    ['that never answers', () => undefined],
    ['that never ends its headers', (_request, response) => void response.socket!.write('HTTP/1.1 200 OK\r\nx: ')],
    ['that never ends its body', (_request, response) => void response.writeHead(200).write('a')],
    ['that sends a byte now and then', (_request, response) => void setInterval(() => response.write('a'), 20).unref()],
  ])('from a server %s, and the fetch ends', async (_what, answer) => {
    const url = await serving(answer);
    expect(await fetch(url, [url], undefined, hasty)).toEqual(failed('it took longer than 300 ms'));
  });

  it.each<[string, RequestListener, RegExp]>([
    ['with another status', (_request, response) => response.writeHead(404).end('none'), /^the server answered with status 404$/],
    ['compressed', (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'), /^the server compressed/],
    ['that says it is too large', (_request, response) => response.writeHead(200, { 'content-length': '5000001' }).flushHeaders(), /^it has more than 5000000 bytes$/],
    ['that is too large, and does not say so', (_request, response) => (response.write('x'.repeat(5_000_000)), response.end('x')), /^it has more than 5000000 bytes$/],
    ['with headers without end', (_request, response) => response.writeHead(200, { x: 'x'.repeat(20_000) }).end(), /header/i],
    ['that breaks off', (_request, response) => response.writeHead(200, { 'content-length': '9' }).write('x', () => response.destroy()), /aborted|reset|hang up/],
  ])('from a server %s', async (_what, answer, problem) => {
    expect(await fetch(await serving(answer))).toEqual(failed(problem));
  });

  it('from nobody', async () => {
    expect(await fetch('http://127.0.0.1:1/')).toEqual(failed(/ECONNREFUSED/));
  });

  it('where it is given up', async () => {
    const ending = new AbortController();
    const fetched = fetch(await serving(() => ending.abort()), undefined, ending.signal);
    expect(await fetched).toEqual(failed('it was given up'));
  });
});

describe('X29 D-74 A host that a rule names', () => {
  /** The address that every name has. */
  const at = (...addresses: readonly string[]) =>
    ((_name: string, _options: object, callback: (error: null, all: object[]) => void) => callback(null, addresses.map((address) => ({ address, family: isIP(address) })))) as unknown as typeof askDns;
  const aGate = (needs: ConstructorParameters<typeof AddressGate>[0] = {}) => {
    const { log, lines } = recordingLog();
    const behind = new HttpListSource({ pause, timeoutMs: 300, gate: new AddressGate({ log, ...needs }) });
    const problem = async (url: string): Promise<unknown> => {
      const answer = await behind.fetch({ url, allowed: [url] });
      return answer.granted ? 'granted' : answer.refusal.evidence?.['problem'];
    };
    return { problem, lines };
  };
  const aServer = async () => {
    const asked: (string | undefined)[] = [];
    const url = await serving((request, response) => (asked.push(request.url), response.end('a list')));
    return { url, port: new URL(url).port, asked };
  };

  it.each(['169.254.169.254', '169.254.1.1', '2852039166', '192.0.0.192', '[fe80::1]', '[febf::1]', '[::ffff:169.254.169.254]', '[64:ff9b::a9fe:a9fe]'])('is not spoken to where it is link-local or reserved: %s', async (host) => {
    const { problem, lines } = aGate();
    expect(await problem(`http://${host}/latest/meta-data`)).toMatch(/^nothing is fetched from \S+, which has a link-local or reserved address$/);
    expect(lines.map(({ level, sentence }) => [level, sentence])).toEqual([['warn', expect.stringContaining('it is link-local or reserved')]]);
  });

  it.each([
    ['alone', ['169.254.169.254']],
    ['beside an address of a server', ['127.0.0.1', 'fe80::1%eth0']],
  ])('is not spoken to where its name leads to a link-local address, %s', async (_what, addresses) => {
    const { port, asked } = await aServer();
    expect(await aGate({ lookup: at(...addresses) }).problem(`http://crl.example.com:${port}/`)).toBe('nothing is fetched from crl.example.com, which has a link-local or reserved address');
    expect(asked).toEqual([]);
  });

  it('is spoken to on loopback by its address and by its name, as long as the instance lets neighbours be', async () => {
    const { url, port, asked } = await aServer();
    const { problem, lines } = aGate({ lookup: at('127.0.0.1') });
    expect([await problem(`${url}/a`), await problem(`http://crl.works.example:${port}/b`)]).toEqual(['granted', 'granted']);
    expect([asked, lines]).toEqual([['/a', '/b'], []]);
  });

  it('is not spoken to on loopback where the instance says so; the tenant reads no address and no setting, the log has both', async () => {
    const { url, port, asked } = await aServer();
    const { problem, lines } = aGate({ lookup: at('127.0.0.1'), fetchesFromNeighbours: false });
    expect(await problem(url)).toBe('nothing is fetched from 127.0.0.1, which has no public address');
    expect(await problem(`http://crl.works.example:${port}/`)).toBe('nothing is fetched from crl.works.example, which has no public address');
    await problem(url);
    expect(asked).toEqual([]);
    expect(lines.map(({ facts }) => facts)).toEqual([{ host: '127.0.0.1', address: '127.0.0.1' }, { host: 'crl.works.example', address: '127.0.0.1' }]);
    expect(lines[1]!.sentence).toContain('FLEETGATE_FETCH_FROM_NEIGHBOURS is off');
  });

  it('is spoken to at a public address where neighbours are left out', () => {
    const gate = new AddressGate({ fetchesFromNeighbours: false });
    expect(() => gate.check({ name: '8.8.8.8', isNamed: true })).not.toThrow();
    expect(() => gate.check({ name: '10.0.0.1', isNamed: true })).toThrow('nothing is fetched from 10.0.0.1, which has no public address');
  });
});

describe('A redirect', () => {
  it('does not lead from https to http', () => {
    expect(() => redirectTarget(new URL('https://ca/x'), 'http://ca/y')).toThrow('it was redirected from https to http');
    expect(redirectTarget(new URL('http://ca/x'), 'https://ca/y').href).toBe('https://ca/y');
    expect(redirectTarget(new URL('https://ca/x'), '/y').href).toBe('https://ca/y');
  });
});

describe('An address is public', () => {
  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2a00:1450::1', '2606:4700::1111'])('%s', (address) => expect(isPublic(address)).toBe(true));
  it.each(['100.64.0.1', '192.0.0.192', '224.0.0.1', '255.255.255.255', '::', '64:ff9b::7f00:1', '2002:7f00:1::', '2001::1', 'ff02::1', 'fc00::1', 'example.com', ''])('not %s', (address) => expect(isPublic(address)).toBe(false));
});

describe('An address is never spoken to', () => {
  it.each(['169.254.0.0', '169.254.255.255', '192.0.0.0', '192.0.0.255', 'fe80::1', 'fe80::1%2'])('%s', (address) => expect(isNeverSpokenTo(address)).toBe(true));
  it.each(['169.253.255.255', '169.255.0.0', '192.0.1.0', '127.0.0.1', 'fec0::1', '::1', 'fd00::1'])('but not %s', (address) => expect(isNeverSpokenTo(address)).toBe(false));
});
