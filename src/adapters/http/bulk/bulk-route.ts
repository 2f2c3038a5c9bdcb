import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RegistrationDesk } from '../../../ports/driving/registration-desk.ts';
import { authorise, byOf, principalOf } from '../authorise.ts';
import { operation, type JsonSchema } from '../openapi/operation.ts';
import { list, record, TEXT } from '../openapi/schemas.ts';
import { sendProblem, type Problem } from '../problem.ts';
import { sendRefusal } from '../problems.ts';
import { BulkSeats } from './bulk-seats.ts';
import { csvRows } from './csv-rows.ts';
import { SpooledResult } from './spooled-result.ts';
import { bytesOf, discardRest, FILE_TYPES, isProblem, tooLarge, uploadOf } from './upload.ts';

export interface BulkNeeds {
  readonly registration: RegistrationDesk;
  /** Largest file. */
  readonly bulkMaxBytes: number;
  /** Directory for results until they are sent; made when it is missing. */
  readonly spoolDir: string;
}

const PATH = '/devicecontrol/bulkNewDeviceRequests';
/** What a form may have around the file. */
const FORM_BYTES = 64 * 1024;

const count: JsonSchema = { type: 'integer', minimum: 0 };
const ROW = { bulkNewDeviceStatus: TEXT, deviceId: TEXT };
const FAILED_ROW = { ...ROW, failureReason: TEXT, line: TEXT, lineNumber: count, code: TEXT };
const RESULT: JsonSchema = {
  title: 'BulkResult',
  ...record({
    numberOfAll: count,
    numberOfCreated: count,
    numberOfFailed: count,
    numberOfSuccessful: count,
    credentialUpdatedList: list(record(ROW)),
    failedCreationList: list(record(FAILED_ROW, { optional: ['deviceId'] })),
  }),
};
const CSV: JsonSchema = { type: 'string', examples: ['ID,AUTH_TYPE\nsensor-1,CERTIFICATES\n'] };
const FORM = record({ file: { type: 'string', contentMediaType: 'text/csv', description: 'The CSV file.' } });

const ofUpload = operation({
  tag: 'Registration',
  summary: 'Register the devices of a CSV file',
  description: 'Separated by tabs, semicolons or commas, with a header. A row that fails hinders no other.',
  body: { byType: { 'multipart/form-data': FORM, ...Object.fromEntries(FILE_TYPES.map((type) => [type, CSV])) } },
  answers: { 201: { is: 'What became of each row.', body: RESULT, mayBeEmpty: true }, 422: 'The file as a whole is none that can be read.' },
});

/** Registers the devices of a CSV file (wire-contract §4.1): streamed in, streamed out. Behind `authenticate`. */
export async function bulkRoute(app: FastifyInstance, needs: BulkNeeds): Promise<void> {
  const { bulkMaxBytes } = needs;
  const mostBytes = bulkMaxBytes + FORM_BYTES;
  const seats = new BulkSeats();
  // The size of the file is bounded where it is read, with what happened to its rows in the answer.
  await app.register(multipart, {
    throwFileSizeLimit: false,
    limits: { fileSize: Infinity, files: 1, fields: 20, parts: 21, fieldNameSize: 100, fieldSize: 4096, headerPairs: 20 },
  });
  app.addContentTypeParser([...FILE_TYPES], (_request, body, done) => done(null, body));
  const notTooLarge = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    if (!(Number(request.headers['content-length']) > mostBytes)) return undefined;
    discardRest(request, mostBytes);
    return sendProblem(reply, tooLarge(bulkMaxBytes));
  };
  const onRequest = [authorise('ROLE_DEVICE_CONTROL_ADMIN'), notTooLarge];
  app.post(PATH, { onRequest, bodyLimit: Number.MAX_SAFE_INTEGER, ...ofUpload }, async (request, reply) => {
    const leave = seats.take(principalOf(request).tenant);
    if (!leave) {
      discardRest(request, mostBytes);
      return sendProblem(reply, NO_SEAT);
    }
    try {
      return await registerFile(request, reply, { ...needs, leave });
    } catch (error) {
      leave();
      throw error;
    } finally {
      discardRest(request, mostBytes);
    }
  });
}

type SeatedNeeds = BulkNeeds & { readonly leave: () => void };

async function registerFile(request: FastifyRequest, reply: FastifyReply, needs: SeatedNeeds): Promise<unknown> {
  const { tenant } = principalOf(request);
  const rows = await csvRows(bytesOf(await uploadOf(request), needs.bulkMaxBytes));
  if (!rows.granted) {
    needs.leave();
    return sendRefusal(reply, rows.refusal);
  }
  const result = await SpooledResult.open(needs.spoolDir, tenant);
  let lastLine = 0;
  try {
    for await (const answer of needs.registration.register(tenant, rows.value, byOf(request))) {
      await result.add(answer);
      lastLine = answer.line;
    }
    return await answerWith(result, request, reply, needs.leave);
  } catch (error) {
    await result.close();
    throw withProgress(error, lastLine);
  }
}

async function answerWith(result: SpooledResult, request: FastifyRequest, reply: FastifyReply, leave: () => void): Promise<unknown> {
  const { stream, length } = await result.send();
  stream.once('close', leave);
  // Without an Accept header the compatible platform sends no body (wire-contract §1.4).
  if (request.headers.accept === undefined) {
    stream.destroy();
    return reply.code(201).send();
  }
  return reply.code(201).header('content-type', 'application/json; charset=utf-8').header('content-length', length).send(stream);
}

/** A refusal of the whole upload that comes when rows are registered already says up to where. */
function withProgress(error: unknown, lastLine: number): unknown {
  if (!isProblem(error) || lastLine === 0) return error;
  return {
    ...error,
    message: `${error.message} The rows up to line ${lastLine} are done; to send them again does no harm.`,
    details: { ...error.details, lastLine },
  };
}

const NO_SEAT: Problem = {
  status: 429,
  error: 'devicecontrol/Too Many Requests',
  message: 'Other bulk registrations are under way: at most two of a tenant run at once, and four in all. Send the file again when one has ended.',
  headers: { 'retry-after': '30' },
};
