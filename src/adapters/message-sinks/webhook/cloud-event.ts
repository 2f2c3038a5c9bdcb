import type { DeviceMessage } from '../../../ports/driven/message-sink.ts';

/** A message as a CloudEvent 1.0 in JSON. What devices say is bytes, so it is `data_base64`, whatever it looks like. */
export function cloudEvent({ tenant, device, topic, payload, isWill }: DeviceMessage, { id, at }: { readonly id: string; readonly at: Date }): Buffer {
  const event = {
    specversion: '1.0',
    id,
    source: `/tenants/${tenant}/devices/${encodeURIComponent(device)}`,
    type: isWill ? 'fleetgate.device.will' : 'fleetgate.device.message',
    subject: topic,
    time: at.toISOString(),
    tenant,
    device,
    datacontenttype: 'application/octet-stream',
    data_base64: Buffer.from(payload).toString('base64'),
  };
  return Buffer.from(JSON.stringify(event));
}

/** The batched mode of CloudEvents over HTTP. */
export const BATCH_TYPE = 'application/cloudevents-batch+json; charset=UTF-8';
export const batchOf = (events: readonly Buffer[]): Buffer => Buffer.concat([Buffer.from('['), ...events.flatMap((event, i) => (i === 0 ? [event] : [Buffer.from(','), event])), Buffer.from(']')]);
