import { describe, expect, it } from '@jest/globals';
import { whatToDo, type Circumstances } from '../../../src/domain/explanations/what-to-do.ts';
import { REFUSALS, type Refusal, type RefusalCode } from '../../../src/domain/refusal.ts';
import { anAnchor, aCaCertificate, NOW } from '../../support/certificate-builders.ts';

const disabled = (name: string) => anAnchor({ name, status: 'disabled' });
const validity = { certificate: '"CN=X"', notBefore: '2026-01-01T00:00:00.000Z', notAfter: '2026-02-01T00:00:00.000Z' };

describe('What to do about a refusal', () => {
  it.each<[why: string, refusal: Refusal, circumstances: Circumstances, advice: string]>([
    [
      'the leaf alone', { code: 'tenant.no-anchor-found', evidence: { topmost: '"CN=press-7"', issuer: '"CN=Mid"' } }, { sent: 1 },
      'The device sent only its own certificate, and its issuer "CN=Mid" is not uploaded: upload "CN=Mid", or let the device send its chain.',
    ],
    [
      'a chain that ends too early', { code: 'tenant.no-anchor-found', evidence: { topmost: '"CN=Mid"', issuer: '"CN=Root"' } }, { sent: 2 },
      'The chain ends at "CN=Mid". Its issuer "CN=Root" was not sent and is not uploaded: upload "CN=Root", or let the device send what is missing.',
    ],
    [
      'a root that nobody trusts', { code: 'tenant.no-anchor-found', evidence: { topmost: '"CN=Root"', issuer: '"CN=Root"' } }, { sent: 3 },
      'The chain ends at "CN=Root", which nobody here trusts: upload it as a trusted certificate if it is your CA.',
    ],
    ['no evidence', { code: 'tenant.no-anchor-found' }, { sent: 1 }, REFUSALS['tenant.no-anchor-found'].remedy],
    [
      'a disabled CA, by the name that its uploader gave', { code: 'tenant.anchor-disabled' }, { sent: 1, anchors: [{ ...disabled('Plant 7'), lastDisabledAt: NOW }] },
      `CA 'Plant 7' is disabled since ${NOW.toISOString()}: enable it, or give the device a certificate of another CA.`,
    ],
    [
      'several disabled CAs', { code: 'tenant.anchor-disabled' }, { sent: 1, anchors: [{ ...disabled('Plant 7'), lastDisabledAt: NOW }, disabled(''), anAnchor({ name: 'in force' })] },
      `CA 'Plant 7' and ${aCaCertificate().fingerprint} are disabled: enable one of them, or give the device a certificate of another CA.`,
    ],
    [
      'a disabled CA that is not known here', { code: 'tenant.anchor-disabled', evidence: { anchor: '"CN=Root"' } }, { sent: 1 },
      'The CA "CN=Root" is disabled: enable it, or give the device a certificate of another CA.',
    ],
    [
      'an inert CA', { code: 'tenant.anchor-inert' }, { sent: 1, anchors: [anAnchor({ inert: true })] },
      "CA 'Works CA' is not in force, because it touches what another tenant trusts: prove possession of its private key (fleetgate trust prove).",
    ],
    [
      'an expired device', { code: 'path.outside-validity', depth: 0, evidence: { ...validity, now: '2026-03-01T00:00:00.000Z' } }, { sent: 1 },
      'The device’s certificate "CN=X" ended at 2026-02-01T00:00:00.000Z: give the device a new one.',
    ],
    [
      'an expired CA', { code: 'path.outside-validity', depth: 1, evidence: { ...validity, now: '2026-03-01T00:00:00.000Z' } }, { sent: 1 },
      'The CA certificate "CN=X" ended at 2026-02-01T00:00:00.000Z: renew it with the same name and key, and devices keep theirs; upload the new one, or let the devices send it.',
    ],
    [
      'a device of the future', { code: 'path.outside-validity', depth: 0, evidence: { ...validity, now: '2025-03-01T00:00:00.000Z' } }, { sent: 1 },
      'The device’s certificate "CN=X" begins to count at 2026-01-01T00:00:00.000Z: wait, or correct the clock of whoever issued it.',
    ],
    [
      'a CA that is nearly the one', { code: 'tenant.no-anchor-found', evidence: { topmost: '"CN=press-7"', issuer: '"CN=Mid"', candidate: '"CN=Middle"', candidateIsWrong: 'its name is wrong' } }, { sent: 2 },
      'The chain ends at "CN=press-7", whose issuer "CN=Mid" is missing; of the certificates that were sent "CN=Middle" comes nearest: its name is wrong. Upload "CN=Mid", or let the device send the right one.',
    ],
    [
      'a CA of the same name that was sent', { code: 'path.signature-invalid', depth: 0, evidence: { certificate: '"CN=press-7"', issuer: '"CN=Mid"', candidate: '"CN=Mid"', candidateIsWrong: 'its key is another' } }, { sent: 2 },
      '"CN=press-7" says that "CN=Mid" issued it, and the one known by that name did not; of the certificates that were sent "CN=Mid" comes nearest: its key is another. Let the device send, or upload, the certificate of the CA that did.',
    ],
    [
      'a CA of the same name that is trusted', { code: 'path.signature-invalid', depth: 0, evidence: { certificate: '"CN=press-7"', issuer: '"CN=Mid"' } }, { sent: 1, anchors: [anAnchor()] },
      '"CN=press-7" says that "CN=Mid" issued it, and the one known by that name did not; CA \'Works CA\' has that name, but another key. Let the device send, or upload, the certificate of the CA that did.',
    ],
    ['a wrong signature without evidence', { code: 'path.signature-invalid' }, { sent: 1 }, REFUSALS['path.signature-invalid'].remedy],
    ['validity without evidence', { code: 'path.outside-validity' }, { sent: 1 }, REFUSALS['path.outside-validity'].remedy],
    [
      'a stranger of a CA that registers nobody', { code: 'registration.not-registered' }, { sent: 1, anchors: [anAnchor()] },
      "Register the device by a bulk file (fleetgate devices import), or switch on automatic registration for CA 'Works CA'.",
    ],
    ['a stranger of no known CA', { code: 'registration.not-registered' }, { sent: 1 }, REFUSALS['registration.not-registered'].remedy],
    ['anything else', { code: 'identity.length', depth: 0 }, { sent: 1 }, REFUSALS['identity.length'].remedy],
  ])('for %s', (_why, refusal, circumstances, advice) => {
    expect(whatToDo(refusal, circumstances)).toBe(advice);
  });

  it('is a sentence for every code of the system, with nothing known beside it', () => {
    for (const code of Object.keys(REFUSALS) as RefusalCode[]) expect([code, whatToDo({ code }, { sent: 0 })]).toEqual([code, expect.stringMatching(/^\S.{8,}$/s)]);
  });
});
