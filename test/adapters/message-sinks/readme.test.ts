/** What the README of the sinks shows, as it stands there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { InMemoryDeviceInboxes } from '../../../src/adapters/in-memory/in-memory-device-inboxes.ts';
import { natsAuthenticator } from '../../../src/adapters/message-sinks/nats/nats-authenticator.ts';
import { NatsMessageSink } from '../../../src/adapters/message-sinks/nats/nats-message-sink.ts';
import { WebhookCourier } from '../../../src/adapters/message-sinks/webhook/webhook-courier.ts';
import { aMessage } from '../../contracts/message-sink.contract.ts';
import { aDeviceId, aTenantId, FixedClock } from '../../support/certificate-builders.ts';
import { itWith, run } from '../../support/clients.ts';
import { aNatsServer } from '../../support/nats-server.ts';
import { temporaryDirectory } from '../../support/pki.ts';
import { ROOT } from '../../support/running-gate.ts';
import { aWebhookReceiver, WEBHOOK_KEY, WEBHOOK_SECRET } from '../../support/webhook-receiver.ts';

const text = readFileSync(join(ROOT, 'src/adapters/message-sinks/README.md'), 'utf8');
/** The block that begins with a comment of this name. */
const block = (name: string): string => text.split(/^```\w*$/m).find((one) => one.startsWith(`\n// ${name}\n`) || one.startsWith(`\n# ${name}\n`)) ?? '';

const directory = temporaryDirectory();
afterAll(() => directory.remove());
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

type Check = (headers: Readonly<Record<string, unknown>>, body: Buffer, secret: string, now?: number) => boolean;

describe('The receiver of src/adapters/message-sinks/README.md', () => {
  it('takes what Fleetgate sends, and nothing that was changed, is old, or came from somebody else', async () => {
    const file = join(directory.path, 'check-webhook.mjs');
    writeFileSync(file, block('check-webhook.mjs'));
    const { isFromFleetgate } = (await import(file)) as { isFromFleetgate: Check };
    const receiver = await aWebhookReceiver();
    const now = new FixedClock().now();
    const courier = new WebhookCourier({ url: receiver.url, key: WEBHOOK_KEY, now: () => now, timeoutMs: 5_000 });
    expect(await courier.post(Buffer.from('[]'), new AbortController().signal)).toEqual({ kind: 'taken' });
    courier.close();
    await receiver.close();
    const { headers, body } = receiver.requests[0]!;
    const at = now.getTime();
    const other = { 'webhook-id': 'msg_other', 'webhook-timestamp': String(at / 1000 + 1), 'webhook-signature': 'v1,' };
    expect(isFromFleetgate(headers, body, `${WEBHOOK_SECRET}\n`, at)).toBe(true);
    expect([at + 300_000, at - 300_000].map((moment) => isFromFleetgate(headers, body, WEBHOOK_SECRET, moment))).toEqual([true, true]);
    expect([at + 301_000, at - 301_000].map((moment) => isFromFleetgate(headers, body, WEBHOOK_SECRET, moment))).toEqual([false, false]);
    expect(isFromFleetgate(headers, Buffer.from('[ ]'), WEBHOOK_SECRET, at)).toBe(false);
    expect(isFromFleetgate(headers, body, `whsec_${Buffer.alloc(32, 8).toString('base64')}`, at)).toBe(false);
    for (const [name, value] of Object.entries(other)) expect(isFromFleetgate({ ...headers, [name]: value }, body, WEBHOOK_SECRET, at)).toBe(false);
    expect(isFromFleetgate({ ...headers, 'webhook-signature': `v1,AAAA ${String(headers['webhook-signature'])}` }, body, WEBHOOK_SECRET, at)).toBe(true);
    expect(isFromFleetgate({}, body, WEBHOOK_SECRET, at)).toBe(false);
  });
});

describe('The nats.conf and send.mjs of src/adapters/message-sinks/README.md', () => {
  itWith('nats')('T05 let the gate in, and a back end reach the devices of its own tenant and read their messages, and nothing else', async () => {
    const passwords = { OPS_PASSWORD: 'o-ps', GATE_PASSWORD: 'g-ate', ACME_PASSWORD: 'a-cme' };
    const quoted = (conf: string): string => Object.entries(passwords).reduce((all, [name, value]) => all.replace(`$${name}`, `"${value}"`), conf);
    const conf = join(directory.path, 'nats.conf');
    writeFileSync(conf, quoted(block('nats.conf')).replace(/^jetstream .*$/m, '')); // which the command line of the tests says
    const server = await aNatsServer('-c', conf);
    const inboxes = new InMemoryDeviceInboxes({ log: SILENT });
    const sink = new NatsMessageSink({ servers: [server.url], authenticator: natsAuthenticator(`gate:${passwords.GATE_PASSWORD}`), stream: 'devices', inboxes, identifiers: { next: () => crypto.randomUUID() }, log: SILENT });
    const heard: string[] = [];
    for (const tenant of ['acme', 'other']) {
      inboxes.open({ tenant: aTenantId(tenant), device: aDeviceId('press-7') }, async ({ topic }) => (heard.push(`${tenant} ${topic}`), 'acknowledged'));
      await sink.accept(aMessage({ tenant: aTenantId(tenant), payload: Buffer.from(tenant) }));
    }
    const ops = await connect({ servers: server.url.slice('nats://'.length), user: 'ops', pass: passwords.OPS_PASSWORD });
    await (await jetstreamManager(ops)).consumers.add('devices', { durable_name: 'acme', filter_subject: 'fleetgate.acme.>', ack_policy: AckPolicy.Explicit });

    const script = join(directory.path, 'send.mjs');
    const entry = createRequire(join(ROOT, 'package.json')).resolve('@nats-io/transport-node');
    writeFileSync(script, block('send.mjs').replace(`'@nats-io/transport-node'`, `'${entry}'`).replace('nats://127.0.0.1:4222', server.url).replace('process.env.ACME_PASSWORD', `'${passwords.ACME_PASSWORD}'`));
    expect(await run(process.execPath, [script])).toEqual({ code: 0, err: '', out: "{ status: 'acknowledged' }\n" });
    expect(heard).toEqual(['acme s/ds']);

    const acme = await connect({ servers: server.url.slice('nats://'.length), user: 'acme', pass: passwords.ACME_PASSWORD, inboxPrefix: '_INBOX.acme' });
    await expect(acme.request('fleetgate-down.other.press-7.s.ds', 'x', { timeout: 500 })).rejects.toThrow();
    expect([await refused(acme, 'fleetgate.other.>'), await refused(acme, '_INBOX.>'), await refused(acme, 'fleetgate-down.other.>')]).toEqual([true, true, true]);
    const consumer = await jetstream(acme).consumers.getConsumerFromInfo(await (await jetstreamManager(ops)).consumers.info('devices', 'acme'));
    const read: string[] = [];
    for await (const one of await consumer.fetch({ max_messages: 5, expires: 1_000 })) {
      read.push(one.string());
      one.ack();
    }
    expect([read, heard]).toEqual([['acme'], ['acme s/ds']]);
    for (const one of [acme, ops]) await one.close();
    await sink.close();
    await server.remove();
  }, 30_000);
});

/** Whether the server does not let this user listen there. */
async function refused(client: NatsConnection, subject: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const subscription = client.subscribe(subject, { callback: (error) => void (error && resolve(true)) });
  await client.flush();
  setTimeout(() => resolve(false), 300).unref();
  return promise.finally(() => subscription.unsubscribe());
}
