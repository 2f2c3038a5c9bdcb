import multipart from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { grant, type Decision } from '../../../domain/shared/decision.ts';
import { MOST_AT_ONCE } from '../../../ports/driven/revocation-store.ts';
import type { RevokedSerial } from '../../../ports/driving/revocation-desk.ts';
import { authorise, byOf, MAY_CHANGE, MAY_READ, principalOf } from '../authorise.ts';
import { isAnswered } from '../is-answered.ts';
import { DRY_RUN, FORESEEN, IMPACT, NOT_CONFIRMED } from '../openapi/impact-schemas.ts';
import { operation } from '../openapi/operation.ts';
import { list, record, TEXT } from '../openapi/schemas.ts';
import { badRequest, sendProblem, type Problem } from '../problem.ts';
import { sendRefusal } from '../problems.ts';
import { readSerialFile, readSerialList } from '../read-revoked-serials.ts';
import type { Routes } from '../route-needs.ts';

const PATH = '/tenant/trusted-certificates/settings/crl';
/** 5,000 entries of JSON, and as many rows. */
const LARGEST = 1024 * 1024;

const ENTRY = record({ serialNumberInHex: TEXT, revocationDate: { type: 'string', description: '`2026-05-03T12:00:00.000Z`. Without it, or in the future: now.' } }, { optional: ['revocationDate'] });
const FORM = record({ file: { type: 'string', contentMediaType: 'text/csv', description: `With the header SERIALNO,DATE and at most ${MOST_AT_ONCE} rows.` } });

/** The revoked serial numbers of a tenant by the compatible API (wire-contract §1.9). What is once in the list stays in it. */
export const crlSettingsRoutes: Routes = async (app, needs) => {
  const { revocations } = needs;
  await app.register(multipart, { limits: { fileSize: LARGEST, files: 1, fields: 10, parts: 11, fieldNameSize: 100, fieldSize: 4096, headerPairs: 20 } });

  const ofPut = operation({
    tag: 'Trust',
    summary: 'Revoke certificates by their serial numbers, for good',
    description: 'Of any issuer; all of them or none. Sessions of such certificates end, their tokens are dead, and they are refused. What was revoked before stays as it was.',
    query: DRY_RUN,
    body: { byType: { 'application/json': record({ crls: list(ENTRY) }), 'multipart/form-data': FORM } },
    answers: { 200: { is: FORESEEN, body: IMPACT }, 204: 'Revoked.', 409: NOT_CONFIRMED, 422: 'An entry is no serial number, or there are too many.' },
  });
  app.put(PATH, { onRequest: [authorise(...MAY_CHANGE)], bodyLimit: LARGEST, ...ofPut }, async (request, reply) => {
    const serials = await readSerials(request);
    if (!serials.granted) return sendProblem(reply, serials.refusal);
    const { tenant } = principalOf(request);
    const planned = await revocations.planAll(tenant, serials.value, byOf(request));
    if (!planned.granted) return sendRefusal(reply, planned.refusal);
    if (await isAnswered(needs, request, reply, { kind: 'certificate.revoke', tenant, revocations: planned.value })) return reply;
    const revoked = await revocations.revokeAll(tenant, serials.value, byOf(request));
    return revoked.granted ? reply.code(204).send() : sendRefusal(reply, revoked.refusal);
  });

  const ofGet = operation({
    tag: 'Trust',
    summary: 'The signed list of what was revoked',
    description: 'A CRL (RFC 5280 §5) in DER, signed by a key of the tenant’s own, whose certificate is at `/fleetgate/revocations/signer`. Holds are in it as certificateHold; what is named by its fingerprint alone is not.',
    answers: { 200: { is: 'The list.', body: { byType: { 'application/pkix-crl': { type: 'string', contentMediaType: 'application/pkix-crl' } } } } },
  });
  app.get(PATH, { onRequest: [authorise(...MAY_READ)], ...ofGet }, async (request, reply) =>
    reply.header('content-type', 'application/pkix-crl').send(Buffer.from(await revocations.signedList(principalOf(request).tenant))),
  );
};

async function readSerials(request: FastifyRequest): Promise<Decision<readonly RevokedSerial[], Problem>> {
  if (!request.isMultipart()) return readSerialList(request.body);
  const file = await fileOf(request);
  return file.length === 0 ? grant([]) : readSerialFile(file);
}

async function fileOf(request: FastifyRequest): Promise<Uint8Array> {
  let file: Uint8Array | undefined;
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file' && part.fieldname === 'file') file = await part.toBuffer();
      else if (part.type === 'file') part.file.resume();
    }
  } catch {
    throw badRequest(`The form is not well-formed, or its file is larger than ${LARGEST} bytes. Send the list as the part file of multipart/form-data (RFC 7578).`);
  }
  if (!file) throw badRequest('The form has no part file. Send the list as the part file of multipart/form-data.');
  return file;
}
