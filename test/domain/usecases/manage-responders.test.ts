import { beforeEach, describe, expect, it } from '@jest/globals';
import type { KnownCertificate, ResponderRule } from '../../../src/domain/revocation/responder-answer.ts';
import { ManageResponders } from '../../../src/domain/usecases/manage-responders.ts';
import { aKnown, anAnswer, anAsked, aResponderRule } from '../../support/answer-builders.ts';
import { aCaCertificate, aFingerprint, aTenantId, NOW } from '../../support/certificate-builders.ts';
import { anInstance, granted } from '../../support/an-instance.ts';

const main = aTenantId();
const other = aTenantId('other');
const by = 'main/admin';

describe('Operators say which responders are asked', () => {
  let gate: Awaited<ReturnType<typeof anInstance>>;
  let desk: ManageResponders;
  let asked: KnownCertificate[];
  let release: (() => void) | undefined;
  beforeEach(async () => {
    gate = await anInstance();
    [asked, release] = [[], undefined];
    desk = new ManageResponders({
      ...gate,
      asking: {
        askNow: async (known) => {
          asked.push(known);
          if (release) await new Promise<void>((resolve) => (release = resolve));
          return { ...known, answer: anAnswer() };
        },
      },
    });
    await gate.trusting(aCaCertificate());
  });
  const rule = aResponderRule();
  const codeOf = (said: { granted: boolean; refusal?: { code: string } }) => said.refusal?.code ?? 'granted';
  const chain = async () => (await gate.trail.list(main, {}, 9)).map(({ what, before, after }) => [what, before, after]);

  it('and it counts, and is audited with what was before', async () => {
    expect(granted(await desk.setRule(rule, by))).toEqual(rule);
    await desk.setRule({ ...rule, hard: false }, by);
    expect([await desk.rules(main), await desk.rules(other), granted(await desk.rule(main, rule.anchor)).hard]).toEqual([[{ ...rule, hard: false }], [], false]);
    expect(await chain()).toEqual([
      ['responder.rule-set', expect.stringContaining('"hard":true'), expect.stringContaining('"hard":false')],
      ['responder.rule-set', '', expect.stringContaining('http://ocsp/')],
    ]);
    expect(gate.events.at(-1)).toEqual({ what: 'responder.rule-set', tenant: main, by, subject: rule.anchor });
  });

  it('and take it back once, with what was there', async () => {
    await desk.setRule(rule, by);
    expect([codeOf(await desk.removeRule(main, rule.anchor, by)), codeOf(await desk.removeRule(main, rule.anchor, by)), codeOf(await desk.rule(main, rule.anchor))]).toEqual(['granted', 'ocsp.unknown-rule', 'ocsp.unknown-rule']);
    expect((await chain())[0]).toEqual(['responder.rule-removed', expect.stringContaining('http://ocsp/'), '']);
  });

  it.each<[string, Partial<ResponderRule>, string]>([
    ['of a CA that the tenant does not trust', { anchor: aFingerprint('nobody') }, 'anchor.unknown'],
    ['of a CA of another tenant', { tenant: other }, 'anchor.unknown'],
    ['that makes no sense', { urls: [] }, 'ocsp.unusable-rule'],
  ])('but not %s', async (_what, overrides, code) => {
    expect(codeOf(await desk.setRule({ ...rule, ...overrides }, by))).toBe(code);
    expect([await desk.rules(main), await chain()]).toEqual([[], []]);
    if (code === 'anchor.unknown') expect(codeOf(await desk.rule(overrides.tenant ?? main, overrides.anchor ?? rule.anchor))).toBe(code);
  });

  it('see what is known of a certificate, by either name as people write it, and nobody else sees it', async () => {
    await gate.answers.note([aKnown()], NOW);
    const { serialNumber, fingerprint } = anAsked();
    for (const name of [serialNumber, `0x${serialNumber}`, fingerprint.toUpperCase()]) expect(granted(await desk.known(main, name))).toEqual([aKnown()]);
    expect([codeOf(await desk.known(other, fingerprint)), codeOf(await desk.known(main, 'no\nname')), codeOf(await desk.known(main, 'ff'))]).toEqual(Array.from({ length: 3 }, () => 'ocsp.unknown-certificate'));
  });

  it('have it asked about now, two at a time, and three certificates of one number at most', async () => {
    await gate.answers.note(['a', 'b', 'c', 'd'].map((print) => aKnown({ fingerprint: aFingerprint(print) })), NOW);
    expect(granted(await desk.ask(main, '01')).map(({ answer }) => answer?.status)).toEqual(['good', 'good', 'good']);
    expect(asked).toHaveLength(3);
    for (const print of ['a', 'b', 'c']) expect(codeOf(await desk.ask(main, aFingerprint(print)))).toBe('granted');
    expect(codeOf(await desk.ask(other, '01'))).toBe('ocsp.unknown-certificate');
    release = () => undefined;
    void desk.ask(main, aFingerprint('a'));
    void desk.ask(main, aFingerprint('b'));
    expect(codeOf(await desk.ask(main, aFingerprint('c')))).toBe('ocsp.busy');
  });
});
