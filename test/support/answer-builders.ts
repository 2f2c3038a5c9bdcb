/** What is known of certificates by OCSP, and rules for it, as values. */
import type { AskedCertificate, KnownCertificate, ResponderAnswer, ResponderRule } from '../../src/domain/revocation/responder-answer.ts';
import { aCaCertificate, aCertificate, after, aTenantId, NOW } from './certificate-builders.ts';

const HOUR = 3_600_000;

export const anAsked = (overrides: Partial<AskedCertificate> = {}): AskedCertificate => {
  const { serialNumber, issuer, fingerprint } = aCertificate();
  const anchor = aCaCertificate().fingerprint;
  return { tenant: aTenantId(), anchor, issuedBy: anchor, serialNumber, issuer: issuer.key, fingerprint, notAfter: after(365 * 24 * HOUR), ...overrides };
};

export const anAnswer = (overrides: Partial<ResponderAnswer> = {}): ResponderAnswer => ({
  ...{ status: 'good', thisUpdate: NOW, freshUntil: after(HOUR), from: 'http://ocsp/', receivedAt: NOW },
  ...overrides,
});

export const revokedAnswer = (overrides: Partial<ResponderAnswer> = {}): ResponderAnswer =>
  anAnswer({ status: 'revoked', revoked: { reason: 'keyCompromise', since: after(-HOUR) }, ...overrides });

export const aKnown = (overrides: Partial<KnownCertificate> = {}): KnownCertificate => ({
  ...anAsked(),
  ...{ askAt: NOW, failures: 0, wantedUntil: after(30 * 24 * HOUR) },
  ...overrides,
});

export const aResponderRule = (overrides: Partial<ResponderRule> = {}): ResponderRule => ({
  ...{ tenant: aTenantId(), anchor: aCaCertificate().fingerprint, urls: ['http://ocsp/'], hard: true, acceptHours: 1, refuseHours: 2 },
  ...overrides,
});
