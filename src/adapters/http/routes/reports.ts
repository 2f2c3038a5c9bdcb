import { REPORT_KINDS, type ReportKind } from '../../../domain/inventory/report.ts';
import { answerChange } from '../answer.ts';
import { authoriseDevicesAnd, MAY_CHANGE_OBJECTS, principalOf } from '../authorise.ts';
import { operation, type JsonSchema } from '../openapi/operation.ts';
import { sendProblem, type Problem } from '../problem.ts';
import { sendRefusal } from '../problems.ts';
import type { Routes } from '../route-needs.ts';

const PATHS: Readonly<Record<ReportKind, string>> = { event: '/event/events', alarm: '/alarm/alarms', measurement: '/measurement/measurements' };
const text: JsonSchema = { type: 'string' };
const time: JsonSchema = { type: 'string', format: 'date-time' };
const source: JsonSchema = { type: 'object', required: ['id'], properties: { id: text } };

const BODIES: Readonly<Record<ReportKind, JsonSchema>> = {
  event: { type: 'object', required: ['type', 'time', 'text', 'source'], properties: { type: text, time, text, source } },
  alarm: {
    type: 'object',
    required: ['type', 'time', 'text', 'severity', 'source'],
    properties: { type: text, time, text, source, severity: { type: 'string', enum: ['CRITICAL', 'MAJOR', 'MINOR', 'WARNING'] } },
  },
  measurement: { type: 'object', required: ['type', 'time', 'source'], properties: { type: text, time, source } },
};

/** What came, and what was added. */
const TAKEN: JsonSchema = { type: 'object', required: ['id', 'self', 'creationTime'], properties: { id: text, self: text, creationTime: time }, additionalProperties: true };

/** What devices tell over HTTP is taken as if they had published it, and handed on (D-36). */
export const reportRoutes: Routes = async (app, { reports, links, clock }) => {
  const onRequest = [authoriseDevicesAnd(...MAY_CHANGE_OBJECTS)];
  for (const kind of REPORT_KINDS) {
    const path = PATHS[kind];
    const taking = operation({
      tag: 'Inventory',
      summary: `Tell an ${kind}`.replace('an measurement', 'a measurement'),
      description: 'Checked, handed to where the messages of devices go, and not kept here.',
      body: BODIES[kind],
      answers: {
        201: { is: 'It was taken.', body: TAKEN, mayBeEmpty: true },
        404: 'There is no such source, or it is not yours.',
        422: 'It is none.',
      },
    });
    app.post(path, { onRequest, ...taking }, async (request, reply) => {
      const taken = await reports.take(principalOf(request), kind, request.body);
      if (!taken.granted) return sendRefusal(reply, taken.refusal);
      const self = links(request, `${path}/${taken.value.id}`);
      const body = { ...taken.value.members, id: taken.value.id, self, creationTime: clock.now().toISOString() };
      return answerChange(request, reply, { status: 201, location: self, body });
    });
  }

  const refusing = operation({
    tag: 'Inventory',
    summary: 'Attach a file to an event: not served',
    body: { byType: { 'application/octet-stream': {}, 'multipart/form-data': {} } },
    answers: { 404: 'Events are not kept here.' },
  });
  // Before any of the body is read: it may be large, and of any type.
  const refuse = { onRequest: [...onRequest, async (_request: unknown, reply: Parameters<typeof sendProblem>[0]) => sendProblem(reply, NO_BINARIES)] };
  app.post(`${PATHS.event}/:id/binaries`, { ...refuse, ...refusing }, async (_request, reply) => sendProblem(reply, NO_BINARIES));
};

const NO_BINARIES: Problem = {
  status: 404,
  error: 'event/Not Found',
  message: 'Fleetgate hands events on and keeps none, so that no file can be attached to one. Send the file to the service that takes the events.',
};
