import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { auditEntry } from '../../src/domain/audit/audit-entry.ts';
import type { KnownCertificate, NotedCertificate } from '../../src/domain/revocation/responder-answer.ts';
import type { AdmissionEpoch } from '../../src/ports/driven/admission-epoch.ts';
import type { AuditTrail } from '../../src/ports/driven/audit-trail.ts';
import type { ResponderAnswers } from '../../src/ports/driven/responder-answers.ts';
import { aKnown, anAnswer, anAsked, aResponderRule, revokedAnswer } from '../support/answer-builders.ts';
import { aFingerprint, after, aTenantId, NOW } from '../support/certificate-builders.ts';
import type { Opened } from './opened.ts';

export interface AnswersUnderTest {
  readonly answers: ResponderAnswers;
  readonly epoch: AdmissionEpoch;
  readonly trail: AuditTrail;
}

const main = aTenantId();
const other = aTenantId('other');
const { anchor, serialNumber, fingerprint, issuedBy } = anAsked();
const entry = auditEntry({ what: 'certificate.revoked', tenant: main, by: 'http://ocsp/', subject: 'x' }, NOW);
const noted = (overrides: Partial<NotedCertificate> = {}): NotedCertificate => ({ ...anAsked(), wantedUntil: aKnown().wantedUntil, ...overrides });
const numbered = (n: number, overrides: Partial<NotedCertificate> = {}): NotedCertificate => noted({ serialNumber: `0${n}`, fingerprint: aFingerprint(`leaf ${n}`), ...overrides });

/** What every ResponderAnswers promises. `open` hands over one that is empty, with the epoch that it moves and the audit that it keeps. */
export function responderAnswersContract(name: string, open: () => Promise<Opened<AnswersUnderTest>>): void {
  describe(`${name} keeps the promises of ResponderAnswers`, () => {
    let opened: Opened<AnswersUnderTest>;
    let answers: ResponderAnswers;
    beforeEach(async () => {
      opened = await open();
      ({ answers } = opened.subject);
    });
    afterEach(() => opened.close());

    const moves = async (act: () => Promise<unknown>): Promise<boolean> => {
      const before = await opened.subject.epoch.current();
      await act();
      return (await opened.subject.epoch.current()) > before;
    };
    const audited = async () => (await opened.subject.trail.list(main, {}, 10)).length;
    const about = async (tenant = main) => answers.about(tenant, [{ serialNumber }]);
    const serials = (all: readonly KnownCertificate[]) => all.map((each) => each.serialNumber);

    it.each<[string, Partial<KnownCertificate>]>([
      ['good', { answer: anAnswer() }],
      ['revoked', { answer: revokedAnswer(), askAt: after(5) }],
      ['unknown to the responder', { answer: anAnswer({ status: 'unknown' }) }],
      ['with an old answer and a problem', { answer: anAnswer(), failures: 3, problem: 'ocsp.not-asked' }],
      ['with a problem alone', { failures: 1, problem: 'ocsp.issuer-not-seen' }],
    ])('has a certificate just as it was kept: %s', async (_what, overrides) => {
      await answers.note([noted()], NOW);
      expect(await about()).toEqual([aKnown()]);
      expect(await answers.keep(aKnown(overrides))).toBe(true);
      expect([await about(), await about(other), await answers.about(main, [])]).toEqual([[aKnown(overrides)], [], []]);
    });

    it('has it once for each tenant and trusted CA, and for each of several serial numbers', async () => {
      const all = [noted(), noted(), noted({ tenant: other }), noted({ anchor: aFingerprint('another CA') }), numbered(2)];
      await answers.note(all, NOW);
      await answers.note(all, NOW);
      expect((await about()).map((each) => each.anchor).sort()).toEqual([anchor, aFingerprint('another CA')].sort());
      expect(await answers.about(main, [{ serialNumber }, { serialNumber: '02' }, { serialNumber }])).toHaveLength(3);
      expect(await about(other)).toHaveLength(1);
      expect(await answers.keep(aKnown({ answer: anAnswer() }))).toBe(true);
      expect((await about()).map((each) => [each.anchor === anchor, each.answer?.status]).sort()).toEqual([[false, undefined], [true, 'good']]);
      expect((await about(other))[0]?.answer).toBeUndefined();
    });

    it('is named by serial number or fingerprint, in one tenant', async () => {
      await answers.note([noted(), noted({ tenant: other }), numbered(2)], NOW);
      expect([await answers.named(main, serialNumber), await answers.named(main, fingerprint), await answers.named(main, 'ff')]).toEqual([[aKnown()], [aKnown()], []]);
    });

    it('names a hundred of one serial number at most', async () => {
      await answers.note(Array.from({ length: 101 }, (_, i) => noted({ fingerprint: aFingerprint(`leaf ${i}`) })), NOW);
      expect(await answers.named(main, serialNumber)).toHaveLength(100);
    });

    it('leaves what is there when it is noted again, but for how long it is wanted, which only grows', async () => {
      await answers.note([noted()], NOW);
      await answers.keep(aKnown({ answer: anAnswer(), askAt: after(7) }));
      await answers.note([noted({ wantedUntil: after(1) })], after(9));
      expect(await about()).toEqual([aKnown({ answer: anAnswer(), askAt: after(7) })]);
      const longer = { wantedUntil: after(60 * 86_400_000) };
      expect(await moves(() => answers.note([noted(longer)], after(9)))).toBe(false);
      expect(await about()).toEqual([aKnown({ answer: anAnswer(), askAt: after(7), ...longer })]);
      expect(await answers.keep(aKnown({ answer: anAnswer() }))).toBe(true);
      expect(await about()).toEqual([aKnown({ answer: anAnswer(), ...longer })]);
    });

    it('keeps nothing of a certificate that is not there, nor an answer older than the one that is', async () => {
      expect(await answers.keep(aKnown())).toBe(false);
      await answers.note([noted()], NOW);
      expect(await answers.keep(aKnown({ answer: anAnswer({ thisUpdate: after(5) }) }))).toBe(true);
      for (const answer of [anAnswer({ thisUpdate: after(4) }), undefined]) {
        expect(await moves(async () => expect(await answers.keep({ ...aKnown(), ...(answer && { answer }) }, [entry])).toBe(false))).toBe(false);
      }
      expect(await answers.keep(aKnown({ answer: revokedAnswer({ thisUpdate: after(5) }) }))).toBe(true);
      expect([(await about())[0]?.answer?.status, await audited()]).toEqual(['revoked', 0]);
    });

    it('moves the epoch with an audit entry, in one write, and without one not', async () => {
      expect(await moves(() => answers.note([noted()], NOW))).toBe(false);
      expect(await moves(() => answers.keep(aKnown({ answer: anAnswer() })))).toBe(false);
      expect(await moves(() => answers.keep(aKnown({ answer: revokedAnswer() }), [entry]))).toBe(true);
      expect(await audited()).toBe(1);
    });

    it('knows which are due of one CA: the longest waiting first, none that ended or is wanted no longer', async () => {
      await answers.note([numbered(1)], after(3));
      await answers.note([numbered(2)], after(2));
      await answers.note([numbered(3)], after(4));
      await answers.note([numbered(4, { wantedUntil: after(3) }), numbered(5, { notAfter: after(3) }), numbered(6, { tenant: other }), numbered(7, { anchor: aFingerprint('another CA') })], after(1));
      expect(serials(await answers.due({ tenant: main, anchor }, after(3), 9))).toEqual(['02', '01']);
      expect(serials(await answers.due({ tenant: main, anchor }, after(3), 1))).toEqual(['02']);
    });

    it('forgets what ended or is wanted no longer, and issuers of none that is left', async () => {
      await answers.note([noted(), numbered(3, { wantedUntil: after(3) }), numbered(2, { notAfter: after(3), issuedBy: aFingerprint('between') })], NOW);
      await answers.keepIssuer(main, issuedBy, Uint8Array.of(1));
      await answers.keepIssuer(main, aFingerprint('between'), Uint8Array.of(2));
      await answers.keepIssuer(other, issuedBy, Uint8Array.of(3));
      await answers.forget(after(3));
      expect([serials(await answers.named(main, '03')), await answers.issuerOf(main, aFingerprint('between'))]).toEqual([['03'], Uint8Array.of(2)]);
      await answers.forget(after(4));
      expect([await answers.named(main, '03'), await answers.named(main, '02'), (await about()).length]).toEqual([[], [], 1]);
      expect([await answers.issuerOf(main, issuedBy), await answers.issuerOf(main, aFingerprint('between')), await answers.issuerOf(other, issuedBy)]).toEqual([Uint8Array.of(1), undefined, undefined]);
    });

    it('keeps the certificate of an issuer as it came, once', async () => {
      const der = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff);
      await answers.keepIssuer(main, issuedBy, der);
      await answers.keepIssuer(main, issuedBy, der);
      expect([await answers.issuerOf(main, issuedBy), await answers.issuerOf(other, issuedBy)]).toEqual([der, undefined]);
    });

    it('keeps one rule of each CA of each tenant', async () => {
      expect(await moves(() => answers.setRule(aResponderRule(), [entry]))).toBe(true);
      const soft = aResponderRule({ tenant: other, hard: false });
      await answers.setRule(soft);
      const changed = aResponderRule({ urls: ['http://a/', 'https://b/?c=1'], hard: false, acceptHours: 0, refuseHours: 9 });
      await answers.setRule(changed);
      expect([await answers.ruleOf(main, anchor), await answers.ruleOf(main, aFingerprint('another CA'))]).toEqual([changed, undefined]);
      expect([await answers.rules(), await audited()]).toEqual([[changed, soft], 1]);
    });

    it('forgets with a rule what was said below its CA, and nothing else', async () => {
      await answers.setRule(aResponderRule());
      await answers.note([noted(), noted({ tenant: other }), numbered(2, { anchor: aFingerprint('another CA') })], NOW);
      expect(await moves(async () => expect(await answers.removeRule(main, anchor, [entry])).toBe(true))).toBe(true);
      expect([await answers.ruleOf(main, anchor), await about(), (await about(other)).length, (await answers.named(main, '02')).length, await audited()]).toEqual([undefined, [], 1, 1, 1]);
      expect(await moves(async () => expect(await answers.removeRule(main, anchor, [entry])).toBe(false))).toBe(false);
      expect(await audited()).toBe(1);
    });
  });
}
