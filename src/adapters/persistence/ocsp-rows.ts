import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { NameKey } from '../../domain/certificates/distinguished-name.ts';
import type { KnownCertificate, ResponderAnswer, ResponderRule } from '../../domain/revocation/responder-answer.ts';
import type { RevocationReason } from '../../domain/revocation/revocation.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';

export interface OcspCertificateTable {
  readonly tenant: string;
  /** Fingerprint of the trusted CA. */
  readonly anchor: string;
  readonly fingerprint: string;
  readonly serial_number: string;
  readonly issuer_key: string;
  /** Fingerprint of its issuer. */
  readonly issued_by: string;
  readonly not_after: string;
  readonly ask_at: string;
  readonly wanted_until: string;
  /** Code of the last failure, where it is later than the answer; else empty. */
  readonly problem: string;
  readonly failures: number;
  /** `good`, `revoked` or `unknown`; these are empty where no responder has answered. */
  readonly status: string;
  readonly this_update: string;
  readonly fresh_until: string;
  /** These two are empty where it is not revoked. */
  readonly reason: string;
  readonly revoked_since: string;
  readonly answered_by: string;
  readonly received_at: string;
}

export interface OcspIssuerTable {
  readonly tenant: string;
  readonly fingerprint: string;
  readonly der_base64: string;
}

export interface OcspRuleTable {
  readonly tenant: string;
  readonly anchor: string;
  /** JSON array. */
  readonly urls: string;
  readonly hard: number;
  readonly accept_hours: number;
  readonly refuse_hours: number;
}

export const toKnownRow = ({ answer, ...known }: KnownCertificate): OcspCertificateTable => ({
  tenant: known.tenant,
  anchor: known.anchor,
  fingerprint: known.fingerprint,
  serial_number: known.serialNumber,
  issuer_key: known.issuer,
  issued_by: known.issuedBy,
  not_after: known.notAfter.toISOString(),
  ask_at: known.askAt.toISOString(),
  wanted_until: known.wantedUntil.toISOString(),
  problem: known.problem ?? '',
  failures: known.failures,
  status: answer?.status ?? '',
  this_update: answer?.thisUpdate.toISOString() ?? '',
  fresh_until: answer?.freshUntil.toISOString() ?? '',
  reason: answer?.revoked?.reason ?? '',
  revoked_since: answer?.revoked?.since.toISOString() ?? '',
  answered_by: answer?.from ?? '',
  received_at: answer?.receivedAt.toISOString() ?? '',
});

export const toKnown = (row: OcspCertificateTable): KnownCertificate => ({
  tenant: row.tenant as TenantId,
  anchor: row.anchor as Fingerprint,
  fingerprint: row.fingerprint as Fingerprint,
  serialNumber: row.serial_number,
  issuer: row.issuer_key as NameKey,
  issuedBy: row.issued_by as Fingerprint,
  notAfter: new Date(row.not_after),
  askAt: new Date(row.ask_at),
  wantedUntil: new Date(row.wanted_until),
  ...(row.problem !== '' && { problem: row.problem }),
  failures: row.failures,
  ...(row.status !== '' && { answer: toAnswer(row) }),
});

const toAnswer = (row: OcspCertificateTable): ResponderAnswer => ({
  status: row.status as ResponderAnswer['status'],
  thisUpdate: new Date(row.this_update),
  freshUntil: new Date(row.fresh_until),
  ...(row.reason !== '' && { revoked: { reason: row.reason as RevocationReason, since: new Date(row.revoked_since) } }),
  from: row.answered_by,
  receivedAt: new Date(row.received_at),
});

export const toResponderRuleRow = ({ tenant, anchor, urls, hard, acceptHours, refuseHours }: ResponderRule): OcspRuleTable => ({
  ...{ tenant, anchor, urls: JSON.stringify(urls), hard: hard ? 1 : 0, accept_hours: acceptHours, refuse_hours: refuseHours },
});

export const toResponderRule = (row: OcspRuleTable): ResponderRule => ({
  tenant: row.tenant as TenantId,
  anchor: row.anchor as Fingerprint,
  urls: JSON.parse(row.urls) as string[],
  hard: row.hard === 1,
  acceptHours: row.accept_hours,
  refuseHours: row.refuse_hours,
});
