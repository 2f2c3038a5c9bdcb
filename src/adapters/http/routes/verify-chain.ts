import multipart from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { nameText } from '../../../domain/certificates/distinguished-name.ts';
import { grant, refuse, type Decision } from '../../../domain/shared/decision.ts';
import { MANAGEMENT, type TenantId } from '../../../domain/trust/tenant.ts';
import { authorise, MAY_READ, principalOf } from '../authorise.ts';
import { chainProblemOf } from '../chain-problems.ts';
import { headerCertificates } from '../header-certificates.ts';
import { operation } from '../openapi/operation.ts';
import { badRequest, FORBIDDEN, sendProblem, type Problem } from '../problem.ts';
import type { RouteNeeds, Routes } from '../route-needs.ts';

const PATH = '/tenant/trusted-certificates/verify-cert-chain';
/** Certificates in a file and in the header (wire-contract §1.8). */
const MOST = { file: 10, header: 5 } as const;
/** Ten certificates of 16 KiB as PEM. */
const LARGEST_FILE = 256 * 1024;
const text = { type: 'string' } as const;
const params = { file: { type: 'string', format: 'binary' }, tenantId: text } as const;

/** Would a device with this chain be let in (wire-contract §1.8)? The gate itself says so, and nothing comes of it. */
export const verifyChainRoutes: Routes = async (app, needs) => {
  await app.register(multipart, { limits: { fileSize: LARGEST_FILE, files: 1, fields: 10, parts: 11, fieldNameSize: 100, fieldSize: 4096, headerPairs: 20 } });
  const about = operation({
    tag: 'Trust',
    summary: 'Would a device with this chain be let in?',
    description: `The device’s certificate comes first: PEM as the part file of a form (at most ${MOST.file}), or in a header, newlines as spaces and commas between (at most ${MOST.header}).`,
    headers: { 'x-cumulocity-client-cert-chain': text, 'x-cumulocity-tenantid': text },
    body: { byType: { 'multipart/form-data': { type: 'object', properties: params } } },
    answers: {
      200: { is: 'It would', body: { type: 'object', required: ['successfullyValidated'], properties: { successfullyValidated: { type: 'boolean' }, tenantId: text, subject: text, issuer: text } } },
      404: 'There is no such tenant',
      422: 'The device is not registered, or its common name is no device id',
    },
  });
  app.post(PATH, { onRequest: [authorise(...MAY_READ)], ...about }, async (request, reply) => {
    const asked = await readQuestion(request, needs);
    const verdict = asked.granted ? await verdictOn(request, asked.value, needs) : asked;
    return verdict.granted ? verdict.value : sendProblem(reply, verdict.refusal);
  });
};

interface Question {
  readonly chain: readonly Uint8Array[];
  readonly tenant: string | undefined;
}

/** The form wins over the header. */
async function readQuestion(request: FastifyRequest, { decoder }: RouteNeeds): Promise<Decision<Question, Problem>> {
  const form = request.isMultipart() ? await formOf(request) : {};
  const tenant = form.tenantId ?? textOf(request.headers['x-cumulocity-tenantid']);
  const isFile = form.file !== undefined;
  const decoded = form.file ? decoder.decode(form.file) : headerCertificates(request.headers, 'x-cumulocity-client-cert-chain', decoder);
  if (!decoded.granted) return refuse(chainProblemOf(decoded.refusal));
  const [chain, most] = [decoded.value, isFile ? MOST.file : MOST.header];
  if (chain.length === 0) return refuse(chainProblemOf({ code: 'chain.absent' }));
  if (chain.length > most) return refuse(tooMany(chain.length, most));
  return grant({ chain, tenant });
}

async function formOf(request: FastifyRequest): Promise<{ file?: Uint8Array; tenantId?: string }> {
  const form: { file?: Uint8Array; tenantId?: string } = {};
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') {
        const bytes = await part.toBuffer();
        if (part.fieldname === 'file') form.file = bytes;
      } else if (part.fieldname === 'tenantId' && typeof part.value === 'string' && part.value !== '') {
        form.tenantId = part.value;
      }
    }
  } catch {
    throw badRequest(`The form is not well-formed, or its file is larger than ${LARGEST_FILE} bytes. Send the chain as the part file of multipart/form-data (RFC 7578).`);
  }
  return form;
}

async function verdictOn(request: FastifyRequest, { chain, tenant }: Question, { gate, reader, tenants }: RouteNeeds): Promise<Decision<object, Problem>> {
  const own = principalOf(request).tenant;
  if (own !== MANAGEMENT && tenant !== undefined && tenant !== own) return refuse(FORBIDDEN);
  const within = own === MANAGEMENT ? tenant : own;
  if (within !== undefined && !(await tenants.find(within)).granted) return refuse(NO_TENANT);
  const handshakeBytes = chain.reduce((sum, { length }) => sum + length, 0); // a file has no handshake
  const question = { chain, handshakeBytes, clientId: '', acceptsAssignedId: true, from: request.ip };
  const verdict = await gate.examine(question, within as TenantId | undefined);
  if (!verdict.granted) return refuse(chainProblemOf(verdict.refusal));
  const leaf = reader.read(chain[0]!);
  const names = leaf.granted ? { subject: nameText(leaf.value.subject), issuer: nameText(leaf.value.issuer) } : {};
  return grant({ successfullyValidated: true, tenantId: verdict.value.tenant, ...names });
}

const textOf = (header: string | string[] | undefined): string | undefined => (typeof header === 'string' && header !== '' ? header : undefined);

const tooMany = (count: number, most: number): Problem => ({
  status: 400,
  error: 'Device Certificates/Bad Request',
  message: `Cannot parse X509 certificate. : ${count} certificates were sent, and at most ${most} are taken here. Send the device’s certificate and its own intermediates only.`,
});

const NO_TENANT: Problem = { status: 404, error: 'Device Certificates/Not Found', message: 'Tenant Id doesn\'t exists' };
