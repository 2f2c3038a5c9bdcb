import type { FastifyInstance, FastifyReply } from 'fastify';
import { answerChange } from '../answer.ts';
import { authorise } from '../authorise.ts';
import { operation } from '../openapi/operation.ts';
import { list, pageOf, PAGING, record, WHETHER } from '../openapi/schemas.ts';
import { pageFrame, readPaging, type Query } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import type { RouteNeeds, Routes } from '../route-needs.ts';

interface OfRequest {
  Params: { readonly id: string };
}

const LIST = '/devicecontrol/newDeviceRequests';
const ONE = `${LIST}/:id`;
const devices = { onRequest: [authorise('ROLE_DEVICE_CONTROL_ADMIN')] };
const LONGEST_ID = 254;

/** What to do instead, for whoever tries to register a device that would get a password. */
const INSTEAD =
  'Devices get no passwords here: they connect by certificate. Register this one with POST /devicecontrol/bulkNewDeviceRequests (AUTH_TYPE CERTIFICATES), ' +
  'or trust a CA with autoRegistrationEnabled.';

const text = { type: 'string' } as const;
const collection = { is: 'No request, ever.', body: pageOf('NewDeviceRequests', 'newDeviceRequests', {}) };
const noRequest = { 404: 'There is no such request: devices get no passwords here.' };

/** Registration of devices with passwords (wire-contract §4.2). There are none; clients are told so in forms that they know. */
export const newDeviceRequestRoutes: Routes = async (app, needs) => {
  listNone(app, needs);
  const body = { type: 'object', properties: { id: text } } as const;
  const asPost = operation({ tag: 'Registration', summary: 'Ask for a password for a device: not served', body, answers: { 422: INSTEAD } });
  app.post(LIST, { ...devices, ...asPost }, async (_request, reply) =>
    sendProblem(reply, { status: 422, error: 'devicecontrol/Unprocessable Entity', message: `A newDeviceRequest is for a device with a password. ${INSTEAD}` }),
  );
  const asGet = operation({ tag: 'Registration', summary: 'Show a newDeviceRequest: there is none', answers: noRequest });
  app.get<OfRequest>(ONE, { ...devices, ...asGet }, async (request, reply) => unknown(reply, request.params.id));
  const asPut = operation({ tag: 'Registration', summary: 'Accept a newDeviceRequest: there is none', body, answers: noRequest });
  app.put<OfRequest>(ONE, { ...devices, ...asPut }, async (request, reply) => unknown(reply, request.params.id));
  const asDelete = operation({ tag: 'Registration', summary: 'Remove a newDeviceRequest: there is none', answers: noRequest });
  app.delete<OfRequest>(ONE, { ...devices, ...asDelete }, async (request, reply) => unknown(reply, request.params.id));
};

/**
 * Where a device without credentials asks for some, again and again. Anybody is told the same: to look at the password of
 * `management/devicebootstrap`, whom nobody is, would cost more than the answer.
 */
export const deviceCredentialRoutes: Routes = async (app) => {
  const body = { type: 'object', properties: { id: text } } as const;
  const asPost = operation({ tag: 'Registration', summary: 'Ask for the password of a device: there is none', body, answers: noRequest });
  // The id of the body is not shown again: what stands in its place may be a key (R13).
  app.post('/devicecontrol/deviceCredentials', { bodyLimit: 4096, ...asPost }, async (_request, reply) => unknown(reply, 'that was sent'));
};

function listNone(app: FastifyInstance, { links }: RouteNeeds): void {
  const asList = operation({ tag: 'Registration', summary: 'List newDeviceRequests: there are none', query: PAGING, answers: { 200: collection } });
  app.get(LIST, { ...devices, ...asList }, async (request, reply) => {
    const paging = readPaging(request.query as Query);
    if (!paging.granted) return sendProblem(reply, paging.refusal);
    return { ...pageFrame(request, links, paging.value, { items: [], total: 0 }), newDeviceRequests: [] };
  });

  const limit = { is: 'There is no limit.', body: record({ isReached: WHETHER }) };
  const asLimit = operation({ tag: 'Registration', summary: 'Say whether more devices may be registered', answers: { 200: limit } });
  app.get(`${LIST}/limit`, { ...devices, ...asLimit }, async () => ({ isReached: false }));

  const accepted = { is: 'Nothing was accepted.', body: { ...list({}), maxItems: 0 }, mayBeEmpty: true };
  const asAll = operation({ tag: 'Registration', summary: 'Accept all newDeviceRequests: there are none', answers: { 200: accepted } });
  app.post(`${LIST}/acceptAll`, { ...devices, ...asAll }, async (request, reply) => answerChange(request, reply, { status: 200, body: [] }));
}

const unknown = (reply: FastifyReply, id: string): FastifyReply =>
  sendProblem(reply, {
    status: 404,
    error: 'devicecontrol/Not Found',
    message: `Could not find newDeviceRequest by ID ${id.slice(0, LONGEST_ID)}`,
    details: { remedy: INSTEAD },
  });
