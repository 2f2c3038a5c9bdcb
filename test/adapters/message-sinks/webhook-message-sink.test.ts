import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebhookMessageSink, type WebhookLimits } from '../../../src/adapters/message-sinks/webhook/webhook-message-sink.ts';
import { aMessage, handingSinkContract, messageSinkContract, narrowSinkContract } from '../../contracts/message-sink.contract.ts';
import { aDeviceId, FixedClock } from '../../support/certificate-builders.ts';
import { temporaryDirectory } from '../../support/pki.ts';
import { recordingLog, type LogLine } from '../../support/recording-log.ts';
import { aWebhookReceiver, handedOnOf, WEBHOOK_KEY, type WebhookReceiver } from '../../support/webhook-receiver.ts';

const QUICK: Partial<WebhookLimits> = { firstWaitMs: 2, longestWaitMs: 20, timeoutMs: 300, leftQueuesMs: 20 };
const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

interface Bench {
  readonly sink: WebhookMessageSink;
  readonly receiver: WebhookReceiver;
  readonly folder: string;
  readonly logged: readonly LogLine[];
  /** Another process would look the same: another slot. */
  again(): Promise<WebhookMessageSink>;
  close(): Promise<void>;
}

async function aBench(wish: { readonly queueBytes?: number; readonly url?: string; readonly limits?: Partial<WebhookLimits> } = {}): Promise<Bench> {
  const [directory, receiver] = [temporaryDirectory(), await aWebhookReceiver()];
  const { log: logs, lines: logged } = recordingLog();
  let ids = 0;
  const folder = join(directory.path, 'webhook-queue');
  const again = (): Promise<WebhookMessageSink> =>
    WebhookMessageSink.open({
      ...{ url: wish.url ?? receiver.url, key: WEBHOOK_KEY, folder, queueBytes: wish.queueBytes ?? 1024 * 1024 },
      ...{ clock: new FixedClock(), identifiers: { next: () => `id-${(ids += 1)}` }, log: logs, limits: { ...QUICK, ...wish.limits } },
    });
  const sink = await again();
  const close = async (): Promise<void> => {
    await sink.close();
    await receiver.close();
    directory.remove();
  };
  return { sink, receiver, folder, logged, again, close };
}

async function bench(...wish: Parameters<typeof aBench>): Promise<Bench> {
  const made = await aBench(...wish);
  undo.push(made.close);
  return made;
}

messageSinkContract('WebhookMessageSink', async () => {
  const { sink, close } = await aBench();
  return { subject: sink, close };
});
handingSinkContract('WebhookMessageSink', async () => {
  const { sink, receiver, close } = await aBench();
  return { subject: sink, close, handedOn: async (count) => (await receiver.took(count)).map(handedOnOf) };
});
narrowSinkContract('WebhookMessageSink', async () => {
  const { sink, receiver, close } = await aBench({ queueBytes: 20_000 });
  receiver.answer = () => 503;
  const makeRoom = async (): Promise<void> => {
    receiver.answer = () => 204;
    await receiver.took(sink.figures().accepted);
    while (sink.figures().queued > 0) await new Promise(setImmediate);
  };
  return { subject: sink, close, makeRoom };
});

describe('WebhookMessageSink', () => {
  it('posts CloudEvents in a batch, signed, with the time of the signature', async () => {
    const { sink, receiver } = await bench();
    await sink.accept(aMessage({ topic: 's/us', payload: Buffer.from('211,25') }));
    await receiver.took(1);
    expect(receiver.requests).toMatchObject([{ isSigned: true }]);
    expect(receiver.requests[0]!.headers).toMatchObject({
      'content-type': 'application/cloudevents-batch+json; charset=UTF-8',
      'webhook-id': expect.stringMatching(/^msg_[\w-]{27}$/),
      'webhook-timestamp': String(new FixedClock().now().getTime() / 1000),
    });
    expect(receiver.taken).toEqual([
      {
        ...{ specversion: '1.0', id: 'id-1', type: 'fleetgate.device.message', source: '/tenants/main/devices/press-7', subject: 's/us' },
        ...{ time: new FixedClock().now().toISOString(), tenant: 'main', device: 'press-7' },
        ...{ datacontenttype: 'application/octet-stream', data_base64: Buffer.from('211,25').toString('base64') },
      },
    ]);
    while (sink.figures().queued > 0) await new Promise(setImmediate);
    expect(sink.figures()).toEqual({ accepted: 1, delivered: 1, refused: 0, retried: 0, deadLettered: 0, queued: 0, queuedBytes: 0 });
  });

  it.each([
    ['500', () => 500],
    ['429', () => 429],
    ['401, for somebody may be changing the secret', () => 401],
    ['a redirect, which is not followed', () => [302, { location: 'http://127.0.0.1:1/' }] as const],
    ['no answer in time', () => 'silence' as const],
  ])('sends again, the same bytes with the same id, after %s', async (_what, answer) => {
    const { sink, receiver, logged } = await bench();
    receiver.answer = (_request, number) => (number <= 2 ? answer() : 204);
    await sink.accept(aMessage());
    await receiver.took(1);
    expect(receiver.requests).toHaveLength(3);
    expect(new Set(receiver.requests.map(({ body, headers }) => `${String(headers['webhook-id'])} ${body.toString()}`)).size).toBe(1);
    while (sink.figures().delivered < 1) await new Promise(setImmediate);
    expect(sink.figures()).toMatchObject({ accepted: 1, delivered: 1, retried: 2 });
    expect(logged.map(({ sentence }) => sentence)).toEqual(['The webhook does not take messages. They are kept, and sent again until it does.', 'The webhook takes messages again.']);
  });

  it('waits as long as the receiver asks by Retry-After', async () => {
    const { sink, receiver } = await bench();
    const at: number[] = [];
    receiver.answer = (_request, number) => (at.push(performance.now()), number === 1 ? [503, { 'retry-after': '1' }] : 204);
    await sink.accept(aMessage());
    await receiver.took(1);
    expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(995);
  });

  it('sets aside the one message that the receiver refuses for good, and sends the others', async () => {
    const { sink, receiver, folder, logged } = await bench();
    let isBusy = true;
    receiver.answer = ({ events }) => (isBusy ? 503 : events.some(({ device }) => device === 'bad') ? 422 : 204);
    for (const device of ['press-1', 'bad', 'press-2']) await sink.accept(aMessage({ device: aDeviceId(device) }));
    isBusy = false;
    await receiver.took(2);
    while (sink.figures().queued > 0) await new Promise(setImmediate);
    expect(receiver.taken.map(({ device }) => device)).toEqual(['press-1', 'press-2']);
    expect(readFileSync(join(folder, '0', 'dead-letters.jsonl'), 'utf8').trimEnd().split('\n').map((line) => (JSON.parse(line) as { device: string }).device)).toEqual(['bad']);
    expect(sink.figures()).toMatchObject({ deadLettered: 1, queued: 0, queuedBytes: 0 });
    expect(logged).toContainEqual(expect.objectContaining({ level: 'error', facts: expect.objectContaining({ answer: 'HTTP 422' }) }));
  });

  it('sends a message again that failed while they went one by one', async () => {
    const { sink, receiver } = await bench();
    let alone = 0;
    receiver.answer = ({ events }) => (events.length > 1 ? 413 : (alone += 1) === 2 ? 503 : 204);
    await Promise.all(['press-1', 'press-2', 'press-3', 'press-4'].map((device) => sink.accept(aMessage({ device: aDeviceId(device) }))));
    const devices = (await receiver.took(4)).map(({ device }) => device);
    expect(devices).toEqual(['press-1', 'press-2', 'press-3', 'press-4']);
    expect(alone).toBe(5);
  });

  it('goes on after its end with what it took before, in order', async () => {
    const { sink, receiver, again } = await bench();
    receiver.answer = () => 503;
    for (let i = 0; i < 10; i += 1) await sink.accept(aMessage({ payload: Buffer.from(String(i)) }));
    await sink.close();
    receiver.answer = () => 204;
    const next = await again();
    undo.push(() => next.close());
    expect(next.figures()).toMatchObject({ queued: 10 });
    await next.accept(aMessage({ payload: Buffer.from('10') }));
    const all = await receiver.took(11);
    expect(all.map(({ data_base64 }) => Number(Buffer.from(data_base64, 'base64').toString()))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('F26 has a queue of its own beside another process, and sends what that left behind', async () => {
    const { sink, receiver, folder, again } = await bench();
    const other = await again();
    expect(readdirSync(folder).sort()).toEqual(['0', '1']);
    receiver.answer = () => 503;
    await other.accept(aMessage({ device: aDeviceId('left') }));
    await other.close();
    receiver.answer = () => 204;
    await sink.accept(aMessage({ device: aDeviceId('mine') }));
    await receiver.took(2);
    expect(receiver.taken.map(({ device }) => device).sort()).toEqual(['left', 'mine']);
  });

  it('tells once that it is full, with how much waits', async () => {
    const { sink, receiver, logged } = await bench({ queueBytes: 2_000 });
    receiver.answer = () => 503;
    const answers = [];
    for (let i = 0; i < 10; i += 1) answers.push(await sink.accept(aMessage()));
    expect(answers.filter((answer) => answer === 'full').length).toBeGreaterThan(2);
    expect(logged.filter(({ sentence }) => sentence.includes('is full'))).toHaveLength(1);
    expect(sink.figures().queuedBytes).toBeLessThanOrEqual(2_000);
  });

  it('never says its URL, which may hold a secret, nor its key', async () => {
    const { sink, logged, folder } = await bench({ url: 'http://127.0.0.1:1/in?token=hidden' });
    await sink.accept(aMessage());
    while (sink.figures().retried < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    const said = JSON.stringify(logged);
    expect(said).toContain('ECONNREFUSED');
    expect(said).not.toMatch(/hidden|token=|127\.0\.0\.1/);
    expect(said).not.toContain(WEBHOOK_KEY.toString('base64'));
    expect(existsSync(join(folder, '0', 'dead-letters.jsonl'))).toBe(false);
  });
});
