import type { FastifyReply } from 'fastify';
import { REFUSALS, sentenceOf, type Refusal, type RefusalCode } from '../../domain/refusal.ts';
import type { Evidence } from '../../domain/shared/refusal-of.ts';
import { FORBIDDEN, sendProblem, type Problem } from './problem.ts';

/** What a refusal means at the HTTP API. Without a `message` of its own it is told in the words of `sentenceOf`. */
interface Row {
  readonly status: number;
  readonly error: string;
  readonly message?: (evidence: Evidence, refusal: Refusal) => string;
  readonly headers?: Readonly<Record<string, string>>;
}

const certificate = { status: 422, error: 'certificate/Unprocessable Entity' } as const;
const unreadable: Row = {
  ...certificate,
  message: (_, refusal) => `Cannot parse X509 certificate. : Could not parse certificate: ${sentenceOf(refusal)}`,
};
const outsideValidity: Row = {
  ...certificate,
  message: () => 'Can not activate a certificate which is either expired or not yet valid',
};
const tenantData = { status: 422, error: 'tenants/Invalid Data' } as const;
const tenantTaken = { status: 409, error: 'tenants/Duplicate' } as const;
const device = { status: 422, error: 'devicecontrol/Unprocessable Entity' } as const;
const forbidden: Row = { status: FORBIDDEN.status, error: FORBIDDEN.error, message: () => FORBIDDEN.message };
const unauthorized: Row = {
  status: 401,
  error: 'security/Unauthorized',
  message: () => 'Invalid credentials! : Bad credentials',
};
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

  'token.switched-off': {
    status: 404,
    error: 'devicecontrol/Not Found',
    message: () => 'This feature is disabled, please contact system administrator.',
  },
  'token.trust-withdrawn': terminated,
  'token.device-removed': terminated,
  'token.device-blocked': terminated,
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

  'anchor.unreadable': unreadable,
  'anchor.private-key': unreadable,
  'anchor.too-large': unreadable,
  'anchor.not-a-chain': unreadable,
  'anchor.not-version-3': certificate,
  'anchor.not-a-ca': certificate,
  'anchor.outside-validity': outsideValidity,
  'anchor.may-not-sign': certificate,
  'anchor.key-not-accepted': certificate,
  'anchor.unknown-critical-extension': certificate,
  'anchor.already-trusted': {
    status: 409,
    error: 'certificate/Duplicate',
    message: ({ fingerprint = '' }) =>
      `Cannot add certificate - certificate with ${fingerprint} fingerprint already exists. : Certificate with ${fingerprint} fingerprint already exists.`,
  },
  'anchor.too-many-of-one-name': certificate,
  'anchor.unknown': {
    status: 404,
    error: 'certificate/Not Found',
    message: ({ fingerprint = '' }) => `Cannot find certificate with fingerprint ${fingerprint}.`,
  },
  'anchor.status': certificate,
  'anchor.name': certificate,

  'access.bad-credentials': unauthorized,
  'access.not-allowed': forbidden,
  'access.path-unknown': { ...forbidden, message: (_, refusal) => sentenceOf(refusal) },
  'access.path-malformed': { ...forbidden, message: (_, refusal) => sentenceOf(refusal) },
  'access.path-not-permitted': { ...forbidden, message: (_, refusal) => sentenceOf(refusal) },
  'access.unusable-name': tenantData,
  'access.unusable-password': tenantData,
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
    ...(headers && { headers }),
  };
}

export const sendRefusal = (reply: FastifyReply, refusal: Refusal): FastifyReply => sendProblem(reply, problemOf(refusal));
