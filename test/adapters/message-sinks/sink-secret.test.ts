import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import { afterAll, describe, expect, it } from '@jest/globals';
import { openMessageSink, type SinkWish } from '../../../src/adapters/message-sinks/open-message-sink.ts';
import { readSinkSecret, webhookKeyOf } from '../../../src/adapters/message-sinks/read-sink-secret.ts';
import { natsAuthenticator } from '../../../src/adapters/message-sinks/nats/nats-authenticator.ts';
import { temporaryDirectory } from '../../support/pki.ts';
import { FixedClock } from '../../support/certificate-builders.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());
const warned: string[] = [];
const log = { info: () => undefined, warn: (_facts: object, sentence: string) => void warned.push(sentence), error: () => undefined };
const file = (text: string, mode = 0o600): string => {
  const path = join(directory.path, 'secret');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};
const KEY = Buffer.alloc(32, 3);

describe('The secret of a sink', () => {
  it('is the text of its file, without the line end that editors leave', async () => {
    expect(await readSinkSecret(file('hush\n'), log)).toBe('hush');
    expect(warned).toEqual([]);
  });

  it('that everybody on the machine may read is warned of', async () => {
    await readSinkSecret(file('hush', 0o644), log);
    expect(warned).toEqual([expect.stringMatching(/^FLEETGATE_SINK_SECRET_FILE: everybody on this machine may read the file/)]);
  });

  it.each([
    ['is not there', () => join(directory.path, 'nothing'), /cannot be read \(ENOENT/],
    ['is a folder', () => (mkdirSync(join(directory.path, 'folder')), join(directory.path, 'folder')), /is no file of at most 16384 bytes/],
    ['is empty', () => file(' \n'), /is empty/],
    ['is too large', () => file('x'.repeat(16_385)), /is no file of at most 16384 bytes/],
  ])('in a file that %s stops the start with a sentence that names the setting', async (_what, make, why) => {
    const refused = await readSinkSecret(make(), log).catch((error: Error) => error.message);
    expect(refused).toMatch(why);
    expect(refused).toMatch(/^FLEETGATE_SINK_SECRET_FILE: the file /);
  });

  it('of a webhook is whsec_ and base64 of 24 to 64 bytes', () => {
    expect(webhookKeyOf(`whsec_${KEY.toString('base64')}`)).toEqual(KEY);
    expect(webhookKeyOf(`whsec_${Buffer.alloc(24, 1).toString('base64')}`)).toHaveLength(24);
    for (const wrong of [KEY.toString('base64'), `whsec_${Buffer.alloc(23).toString('base64')}`, `whsec_${Buffer.alloc(65).toString('base64')}`, 'whsec_not base64', 'whsec_']) {
      expect(() => webhookKeyOf(wrong)).toThrow(/^FLEETGATE_SINK_SECRET_FILE: expected is whsec_/);
      expect(() => webhookKeyOf(wrong)).not.toThrow(new RegExp(wrong.slice(6, 20) || 'nothing'));
    }
  });

  it('of NATS is a token, a user with a password, the seed of an nkey or a .creds file', () => {
    const answer = (secret: string): object => natsAuthenticator(secret)('nonce') as object;
    expect(answer('hush')).toEqual({ auth_token: 'hush' });
    expect(answer('ada:pass:word')).toEqual({ user: 'ada', pass: 'pass:word' });
    const seed = new TextDecoder().decode(nkeys.createUser().getSeed());
    expect(answer(seed)).toMatchObject({ nkey: expect.stringMatching(/^U[A-Z2-7]{55}$/), sig: expect.any(String) });
    const creds = `-----BEGIN NATS USER JWT-----\nab.cd.ef\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
    expect(answer(creds)).toMatchObject({ jwt: 'ab.cd.ef', sig: expect.any(String) });
  });

  it('stops the start of the sink that needs it', async () => {
    const wish: SinkWish = { address: { kind: 'webhook', url: 'https://example.com/' }, dataDir: directory.path, secretFile: file('no key'), caFile: undefined, stream: undefined, queueBytes: 1_000 };
    const needs = { inboxes: undefined as never, identifiers: { next: () => '1' }, clock: new FixedClock(), log };
    await expect(openMessageSink(wish, needs)).rejects.toThrow(/^FLEETGATE_SINK_SECRET_FILE: expected is whsec_/);
  });
});
