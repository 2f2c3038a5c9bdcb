import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { explainCommand } from '../../../src/adapters/cli/explain-command.ts';
import { keyBlock } from '../../support/key-armour.ts';
import { aDevice, anIntermediate, pemChain, temporaryDirectory } from '../../support/pki.ts';
import { cliAtFakeApi } from './cli-at-fake-api.ts';
import type { Answer } from './fake-api.ts';
import { runCommand, type Ran } from './run-command.ts';

const directory = temporaryDirectory();
const file = join(directory.path, 'chain.pem');
let pem: string;
beforeAll(async () => {
  pem = pemChain(await aDevice(await anIntermediate()));
  writeFileSync(file, pem);
  writeFileSync(join(directory.path, 'key.pem'), keyBlock('c2VjcmV0'));
});
afterAll(() => directory.remove());

const { answering, access, api } = cliAtFakeApi();

async function run(answer: Answer, ...words: string[]): Promise<Ran & { readonly complained: string }> {
  await answering(() => answer);
  let complained = '';
  const env = access();
  const notAsked = (): never => {
    throw new Error('not asked here');
  };
  const never = { explain: { explain: notAsked }, decoder: { decode: notAsked } };
  const ran = await runCommand(
    (write) => explainCommand({ ...never, write, colours: false, cli: { env, write, writeError: (text) => void (complained += text), isTerminal: false, input: Readable.from([]), now: () => new Date() } }),
    ...words,
  );
  return { ...ran, complained };
}

const AT = '2026-11-24T12:00:00.000Z';
const CHECK = { code: 'path.too-long', depth: 0, requires: 'it is short', cites: 'RFC 1' };
const ADMITTED = { admitted: true, at: AT, tenant: 't1', device: 'press-7', whatToDo: [], path: [], anchors: [], checks: [{ ...CHECK, outcome: 'holds' }] };
const REFUSED = {
  ...{ admitted: false, at: AT, path: [], anchors: [], whatToDo: ["CA 'Plant 7' is disabled: enable it.", 'Then do\u001b that.'] },
  refusal: { code: 'tenant.newer-than-this', depth: 1, evidence: { anchor: '"CN=Root"' }, requires: 'all is well', cites: 'D-99' },
  checks: [{ ...CHECK, code: 'tenant.newer-than-this', outcome: 'broken', evidence: {} }],
};

describe('fleetgate explain --server', () => {
  it('sends the certificates and what was wished, and prints whose device it would be', async () => {
    const ran = await run({ body: ADMITTED }, file, '--server', '--at', AT, '--client-id', 'press-7', '--user-name', 'main', '--server-name', 'a.b', '--tenant', 't2');
    expect([ran.code, ran.out.split('\n')[0]]).toEqual([0, `ADMITTED as press-7, of tenant t1, at ${AT}`]);
    const { chain, ...rest } = JSON.parse(api().asked[0]!.body) as { chain: string };
    expect([api().asked[0]!.what, rest]).toEqual(['POST /fleetgate/explain', { at: AT, clientId: 'press-7', userName: 'main', serverName: 'a.b', tenant: 't2' }]);
    expect(chain.replaceAll(/\s/g, '')).toBe(pem.replaceAll(/\s/g, ''));
  });

  it('prints a refusal with what to do, also by a code that it does not know, and ends with 3', async () => {
    const { code, out } = await run({ body: REFUSED }, file, '--server');
    expect(code).toBe(3);
    expect(out.split('\n').slice(0, 5)).toEqual([
      `REFUSED tenant.newer-than-this at depth 1, at ${AT}`,
      '  expected  all is well (D-99)',
      '  found     anchor "CN=Root"',
      "  do        CA 'Plant 7' is disabled: enable it.",
      '  do        Then do\\x1b that.',
    ]);
    expect(out).toContain('✗ tenant.newer-than-this  it is short (RFC 1)');
  });

  it('prints the answer as JSON', async () => {
    expect(JSON.parse((await run({ body: ADMITTED }, file, '--server', '--json')).out)).toEqual(ADMITTED);
  });

  it.each<[string, Answer, string[], number, string]>([
    ['the server says no', { status: 403, body: { message: 'Access is denied.' } }, [file], 3, 'Access is denied.'],
    ['the server is too old', { body: {} }, [file], 1, 'does not know how to explain'],
    ['anchors are named as well', {}, [file, '--anchor', file], 2, '--server asks what the server trusts'],
    ['there is no file', {}, [], 2, 'the file with the chain is missing'],
    ['the file is a key', {}, [join(directory.path, 'key.pem')], 2, 'holds no certificate'],
    ['the address is none', {}, [file, '--url', 'ftp://x'], 2, 'must be an http or https address'],
  ])('ends with the reason when %s', async (_why, answer, words, exit, reason) => {
    const { code, err, complained } = await run(answer, ...words, '--server');
    expect([code, `${err}${complained}`]).toEqual([exit, expect.stringContaining(reason)]);
    if (exit === 2) expect(api().asked).toEqual([]);
  });
});
