import type { RequestListener } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { BackgroundFetching } from '../../../src/adapters/fetching/background-fetching.ts';
import { HttpResponderSource } from '../../../src/adapters/fetching/http-responder-source.ts';
import { ServicesTogether } from '../../../src/adapters/fetching/services-together.ts';
import { serversForEachTest } from './servers-for-each-test.ts';

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
const source = new HttpResponderSource({ pause, timeoutMs: 1_000 });
const serving = serversForEachTest();
const request = Buffer.from('a question');
const ask = async (url: string, allowed = [url]): Promise<unknown> => {
  const answer = await source.ask({ url, allowed, request });
  return answer.granted ? Buffer.from(answer.value).toString('latin1') : [answer.refusal.code, answer.refusal.evidence?.['url'], answer.refusal.evidence?.['problem']];
};

describe('A responder is asked', () => {
  it('by POST, with the request and nothing else', async () => {
    const asked: unknown[] = [];
    const url = await serving(async (heard, response) => {
      const { 'content-type': type, accept } = heard.headers;
      asked.push([heard.method, heard.url, type, accept, Object.keys(heard.headers).sort(), (await buffer(heard)).toString()]);
      response.end('an answer');
    });
    expect(await ask(`${url}/a?b=c`)).toBe('an answer');
    const headers = ['accept', 'accept-encoding', 'connection', 'content-length', 'content-type', 'host', 'user-agent'];
    expect(asked).toEqual([['POST', '/a?b=c', 'application/ocsp-request', 'application/ocsp-response', headers, 'a question']]);
  });

  it.each([301, 302, 307, 308])('again where it is at another place of the same host: %s', async (status) => {
    const url = await serving(async (heard, response) => {
      if (heard.url === '/there') response.end(await buffer(heard));
      else response.writeHead(status, { location: '/there' }).end();
    });
    expect(await ask(url)).toBe('a question');
  });

  it.each<[string, RequestListener, string]>([
    ['sends it to loopback', (_heard, response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(), 'it was redirected to 127.0.0.1, which is no public address'],
    ['sends it to the metadata of a cloud', (_heard, response) => response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(), 'it was redirected to 169.254.169.254, which is no public address'],
    ['sends it to see something else', (_heard, response) => response.writeHead(303, { location: '/' }).end(), 'it was redirected to something that takes no question'],
    ['says much', (_heard, response) => response.end(Buffer.alloc(64 * 1024 + 1)), 'it has more than 65536 bytes'],
    ['says nothing', () => undefined, 'it took longer than 1000 ms'],
    ['is out of order', (_heard, response) => response.writeHead(500).end(), 'the server answered with status 500'],
  ])('X29 but no answer is taken of one that %s', async (_what, listener, problem) => {
    const url = await serving(listener);
    expect(await ask(url)).toEqual(['ocsp.not-asked', url, problem]);
  });
});

describe('What goes on in the background', () => {
  it('starts and stops together, and at the end waits for what is under way where that is wished', async () => {
    const ends: string[] = [];
    const rounds = (name: string) => ({ round: async (signal?: AbortSignal) => void (signal!.aborted && ends.push(name)) });
    const services = [new BackgroundFetching({ fetching: rounds('patient'), everyMs: 60_000, waitsAtEnd: true }), new BackgroundFetching({ fetching: rounds('hasty'), everyMs: 60_000 })];
    const both = new ServicesTogether({ name: 'work', services });
    expect([both.name, await both.start()]).toEqual(['work', []]);
    await both.stop(0);
    expect(ends).toEqual(['patient']);
  });
});
