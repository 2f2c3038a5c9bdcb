import type { FastifyReply } from 'fastify';
import { REFUSALS, sentenceOf, type Refusal, type RefusalCode } from '../../domain/refusal.ts';
import { ACCESS_PROBLEMS, forbidden, unauthorized } from './access-problems.ts';
import { ANCHOR_PROBLEMS, certificate, outsideValidity, unreadable } from './anchor-problems.ts';
import { CHANGE_PROBLEMS } from './change-problems.ts';
import { INVENTORY_PROBLEMS } from './inventory-problems.ts';
import { LIST_PROBLEMS } from './list-problems.ts';
import { OVERLOAD_PROBLEMS } from './overload-problems.ts';
import { sendProblem, type Problem, type ProblemRow as Row } from './problem.ts';
import { REVOCATION_PROBLEMS } from './revocation-problems.ts';

const tenantData = { status: 422, error: 'tenants/Invalid Data' } as const;
const tenantTaken = { status: 409, error: 'tenants/Duplicate' } as const;
const device = { status: 422, error: 'devicecontrol/Unprocessable Entity' } as const;
// Clients refresh their token on a 401 that begins so, and on no other (wire-contract §3.3).
const terminated: Row = {
  ...unauthorized,
  message: (_, { code }) => `Token is terminated: required is that ${REFUSALS[code].requires}.`,
};

/** Every refusal of the system, by area. The texts in quotes are the compatible API's own, letter for letter (wire-contract §1.5). */
export const PROBLEMS: Readonly<Record<RefusalCode, Row>> = {
  'chain.absent': unreadable,
  'chain.too-many-bytes': unreadable,
  'chain.too-many-certificates': unreadable,
  'chain.certificate-too-large': unreadable,
  'chain.not-der': unreadable,
  'chain.malformed-certificate': unreadable,
  'chain.duplicate-extension': unreadable,
  'chain.bad-serial-number': unreadable,

  'path.budget-exhausted': certificate,
  'path.too-many-certificates': certificate,
  'key.not-accepted': certificate,
  'key.signature-algorithm-not-accepted': certificate,
  'path.signature-algorithms-differ': certificate,
  'path.signature-invalid': certificate,
  'path.outside-validity': outsideValidity,
  'path.names-do-not-chain': certificate,
  'path.name-excluded': certificate,
  'path.name-not-permitted': certificate,
  'path.too-much-to-compare': certificate,
  'path.no-valid-policy': certificate,
  'path.maps-any-policy': certificate,
  'path.issuer-is-not-version-3': certificate,
  'path.issuer-is-not-a-ca': certificate,
  'path.too-long': certificate,
  'path.issuer-may-not-sign': certificate,
  'path.unknown-critical-extension': certificate,
  'path.key-usage': certificate,
  'path.extended-key-usage': certificate,

  'tenant.no-anchor-found': certificate,
  'tenant.anchor-disabled': certificate,
  'tenant.anchor-inert': certificate,
  'tenant.ambiguous': certificate,
  'tenant.suspended': forbidden,
  'tenant.unknown': {
    status: 404,
    error: 'security/Not Found',
    message: ({ id = '' }) => `There is no tenant with id = ${id}`,
  },
  'tenant.malformed-id': tenantData,
  'tenant.malformed-domain': tenantData,
  'tenant.already-exists': tenantTaken,
  'tenant.domain-taken': tenantTaken,
  'tenant.management-stays': { status: 409, error: 'tenants/Conflict' },
  'tenant.unusable-option': { status: 422, error: 'options/Invalid Data' },
  'tenant.unknown-option': {
    status: 404,
    error: 'options/Not Found',
    message: ({ option = '' }) => `Unable to find option by given key: ${option} was not set.`,
  },

  'identity.no-common-name': device,
  'identity.several-common-names': device,
  'identity.common-name-type': device,
  'identity.length': device,
  'identity.not-normalised': device,
  'identity.forbidden-character': device,
  'identity.client-id-empty': device,
  'identity.client-id-syntax': device,
  'identity.client-id-differs': device,

  'registration.not-registered': device,
  'registration.device-blocked': device,
  'registration.block-reason': device,
  'registration.block-stays': { status: 409, error: 'devicecontrol/Conflict' },
  'registration.trust-in-motion': {
    status: 503,
    error: 'general/Service Unavailable',
    headers: { 'retry-after': '1' },
  },
  'registration.unknown-device': { status: 404, error: 'devicecontrol/Not Found' },
  'bulk.empty': { ...device, message: () => 'CSV file contained empty dataset' },
  'bulk.header': device,
  'bulk.too-many-rows': device,
  'bulk.not-utf-8': device,
  'bulk.ragged-row': device,
  'bulk.row-too-large': device,
  'bulk.bad-quoting': device,
  'bulk.id-missing': device,
  'bulk.auth-type': device,
  'bulk.credentials-given': device,
  'bulk.duplicate-id': device,
  'bulk.tenant': device,
  'bulk.external-id-taken': device,
  'bulk.unusable-property': device,

  'token.switched-off': {
    status: 404,
    error: 'devicecontrol/Not Found',
    message: () => 'This feature is disabled, please contact system administrator.',
  },
  'token.trust-withdrawn': terminated,
  'token.device-removed': terminated,
  'token.device-blocked': terminated,
  'token.certificate-revoked': terminated,
  'token.withdrawn': terminated,
  'token.absent': { ...unauthorized, message: () => 'Full authentication is required to access this resource' },
  'token.tenant-suspended': terminated,
  'token.certificate-expired': terminated,
  'token.expired': terminated,
  'token.malformed': unauthorized,
  'token.algorithm': unauthorized,
  'token.unknown-key': unauthorized,
  'token.signature': unauthorized,
  'token.not-yet-valid': unauthorized,
  'token.wrong-issuer': unauthorized,
  'token.other-certificate': unauthorized,

  ...ANCHOR_PROBLEMS,
  ...ACCESS_PROBLEMS,
  ...INVENTORY_PROBLEMS,
  ...CHANGE_PROBLEMS,
  ...REVOCATION_PROBLEMS,
  ...LIST_PROBLEMS,
  ...OVERLOAD_PROBLEMS,
};

export function problemOf(refusal: Refusal): Problem {
  const { status, error, message, headers } = PROBLEMS[refusal.code];
  const { cites, requires, remedy } = REFUSALS[refusal.code];
  const { code, depth, evidence } = refusal;
  return {
    status,
    error,
    message: message ? message(evidence ?? {}, refusal) : sentenceOf(refusal),
    details: { code, ...(depth !== undefined && { depth }), requires, cites, remedy, ...(evidence && { evidence }) },
    ...(headers && { headers: typeof headers === 'function' ? headers(evidence ?? {}) : headers }),
  };
}

export const sendRefusal = (reply: FastifyReply, refusal: Refusal): FastifyReply => sendProblem(reply, problemOf(refusal));
