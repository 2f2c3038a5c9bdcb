import { authorise, byOf, principalOf } from '../authorise.ts';
import { DEVICE, deviceView } from '../device-view.ts';
import { DRY_RUN, FORESEEN, IMPACT, NOT_CONFIRMED } from '../openapi/impact-schemas.ts';
import { operation, type Operation } from '../openapi/operation.ts';
import { isAnswered } from '../is-answered.ts';
import { sendRefusal } from '../problems.ts';
import type { Routes } from '../route-needs.ts';

interface OfDevice {
  readonly Params: { readonly id: string };
}

const onRequest = [authorise('ROLE_DEVICE_CONTROL_ADMIN')];
const reason = { type: 'string', description: '1–256 characters in one line; the device and its users will read it' } as const;
const body = { type: 'object', required: ['reason'], properties: { reason } } as const;

const answers: Operation['answers'] = {
  200: { is: 'The device as it is now.', body: DEVICE },
  404: 'The tenant has no device of this id.',
  422: 'The reason cannot be shown to everybody.',
};

/** Ours: keeps one device out, whatever its certificate says, and lets it in again (D-29). */
export const deviceBlockRoutes: Routes = async (app, needs) => {
  const { devices } = needs;
  const blocks = operation({ tag: 'Devices', summary: 'Block a device: its session ends, its tokens are dead, it is refused with the reason', query: DRY_RUN, body, answers: { ...answers, 200: { is: `The device as it is now. ${FORESEEN}`, body: { anyOf: [DEVICE, IMPACT] } }, 409: NOT_CONFIRMED } });
  app.post<OfDevice & { Body: { readonly reason: string } }>(
    '/fleetgate/devices/:id/block',
    { schema: { body }, onRequest, ...blocks },
    async (request, reply) => {
      const { tenant } = principalOf(request);
      if (await isAnswered(needs, request, reply, { kind: 'device.block', tenant, device: request.params.id })) return reply;
      const blocked = await devices.block(tenant, request.params.id, request.body.reason, byOf(request));
      return blocked.granted ? deviceView(blocked.value) : sendRefusal(reply, blocked.refusal);
    },
  );

  const lifts = operation({ tag: 'Devices', summary: 'Let a blocked device in again', answers });
  app.post<OfDevice>('/fleetgate/devices/:id/unblock', { onRequest, ...lifts }, async (request, reply) => {
    const unblocked = await devices.unblock(principalOf(request).tenant, request.params.id, byOf(request));
    return unblocked.granted ? deviceView(unblocked.value) : sendRefusal(reply, unblocked.refusal);
  });
};
