import { join } from 'node:path';
import type { Clock } from '../../ports/driven/clock.ts';
import type { DeviceInboxes } from '../../ports/driven/device-inboxes.ts';
import type { Identifiers } from '../../ports/driven/identifiers.ts';
import type { Log } from '../../ports/driven/log.ts';
import { LogMessageSink } from './log-message-sink.ts';
import { natsAuthenticator } from './nats/nats-authenticator.ts';
import { NatsMessageSink } from './nats/nats-message-sink.ts';
import type { OpenSink } from './open-sink.ts';
import { readSinkCa } from './read-sink-ca.ts';
import { readSinkSecret, webhookKeyOf } from './read-sink-secret.ts';
import { WebhookMessageSink } from './webhook/webhook-message-sink.ts';

export interface SinkWish {
  readonly address:
    | { readonly kind: 'off' }
    | { readonly kind: 'log'; readonly withPayload: boolean }
    | { readonly kind: 'webhook'; readonly url: string }
    | { readonly kind: 'nats'; readonly servers: readonly string[] };
  readonly dataDir: string;
  readonly secretFile: string | undefined;
  /** PEM file of CAs; undefined: those of the system. */
  readonly caFile: string | undefined;
  readonly stream: string | undefined;
  readonly queueBytes: number;
}

export interface SinkNeeds {
  readonly inboxes: DeviceInboxes;
  readonly identifiers: Identifiers;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The sink that an operator wishes.
 * @throws a sentence for the operator, which names the setting to change
 */
export async function openMessageSink({ address, dataDir, secretFile, caFile, stream, queueBytes }: SinkWish, needs: SinkNeeds): Promise<OpenSink> {
  const secret = secretFile === undefined ? undefined : await readSinkSecret(secretFile, needs.log);
  const trusts = caFile === undefined ? {} : { ca: await readSinkCa(caFile) };
  switch (address.kind) {
    case 'off':
      throw new Error('FLEETGATE_SINK is off: inMemorySinkModule belongs in the place of messageSinksModule.');
    case 'log':
      return new LogMessageSink({ log: needs.log, withPayload: address.withPayload });
    case 'webhook':
      return WebhookMessageSink.open({ ...needs, ...trusts, url: address.url, key: webhookKeyOf(secret ?? ''), folder: join(dataDir, 'webhook-queue'), queueBytes });
    case 'nats':
      return new NatsMessageSink({ ...needs, ...trusts, servers: address.servers, authenticator: secret === undefined ? undefined : natsAuthenticator(secret), stream });
  }
}
