import { beforeEach, describe, expect, it } from '@jest/globals';
import { outgrown, restsOn } from '../../../src/domain/revocation/standing-by-lists.ts';
import { WatchStaleness } from '../../../src/domain/usecases/watch-staleness.ts';
import { aKnown, anAnswer, aResponderRule, revokedAnswer } from '../../support/answer-builders.ts';
import { aCaCertificate, aCertificate, aList, anAnchor, aStoredList, aTenantId, NOW } from '../../support/certificate-builders.ts';
import { revocableOf } from '../../../src/domain/revocation/revocation.ts';
import { factsOf } from '../../../src/domain/revocation/list-status.ts';
import { anInstance, ca as aCa, granted, leaf as aLeaf } from '../../support/an-instance.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const main = aTenantId();
const notAfter = new Date('2030-01-01');
const root = aCa('Root', 'Root', { notAfter });
const device = aLeaf('press-7', 'Root', { notAfter });
const inMs = (ms: number): Date => new Date(NOW.getTime() + ms);

describe('Sessions that rest on what grew too old', () => {
  let gate: Awaited<ReturnType<typeof anInstance>>;
  let watch: WatchStaleness;
  let told: string[];
  beforeEach(async () => {
    gate = await anInstance();
    told = [];
    watch = new WatchStaleness({ ...gate, log: { info: () => undefined, error: () => undefined, warn: (_facts, sentence) => void told.push(sentence) } });
    await gate.trusting(root, { autoRegistration: true });
  });
  const mode = (check: 'crl' | 'ocsp', value: string) => gate.tenants.setOption(main, 'fleetgate', `check.${check}`, value);
  const aRoundAt = async (ms: number): Promise<void> => {
    gate.clock.advance(NOW.getTime() + ms - gate.clock.now().getTime());
    await watch.round();
  };
  /** Good until an hour from now; the rule takes it for an hour more, and lets nobody in after two. */
  const answered = async (overrides: Partial<ReturnType<typeof aResponderRule>> = {}): Promise<string[]> => {
    await mode('ocsp', 'enforce');
    await gate.answers.setRule(aResponderRule({ anchor: root.fingerprint, ...overrides }));
    const { serialNumber, issuer, fingerprint } = device;
    const known = aKnown({ anchor: root.fingerprint, issuedBy: root.fingerprint, serialNumber, issuer: issuer.key, fingerprint, notAfter });
    await gate.answers.note([known], NOW);
    await gate.answers.keep({ ...known, answer: anAnswer() });
    const { verdict, ended } = await gate.connect([device]);
    granted(verdict);
    return ended;
  };
  const listed = async (): Promise<string[]> => {
    await mode('crl', 'enforce');
    const list = aStoredList({ ...factsOf(aList({ issuer: root.subject })), anchor: root.fingerprint, nextUpdate: inMs(HOUR) });
    await gate.lists.begin(list);
    await gate.lists.install(list);
    await gate.lists.setRule({ tenant: main, anchor: root.fingerprint, urls: [], acceptHours: 1, refuseHours: 2, missing: 'refuse' });
    const { verdict, ended } = await gate.connect([device]);
    granted(verdict);
    return ended;
  };

  it.each<[string, () => Promise<string[]>]>([
    ['an answer', () => answered()],
    ['a list', () => listed()],
  ])('X29 T12 end when %s is older than the rule allows, not before, and it is recorded', async (_what, connected) => {
    const ended = await connected();
    await aRoundAt(3 * HOUR);
    expect(ended).toEqual([]);
    await aRoundAt(3 * HOUR + MINUTE);
    expect(ended).toEqual(['standing-outdated']);
    expect(gate.events.at(-1)).toMatchObject({ what: 'session.outdated', tenant: main, subject: 'press-7', sessionsEnded: 1 });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a newer answer came', async () => gate.answers.keep({ ...(await gate.answers.named(main, device.fingerprint))[0]!, answer: anAnswer({ freshUntil: inMs(9 * HOUR), thisUpdate: inMs(HOUR) }) })],
    ['the rule became soft', () => gate.answers.setRule(aResponderRule({ anchor: root.fingerprint, hard: false }))],
    ['the rule allows more hours', () => gate.answers.setRule(aResponderRule({ anchor: root.fingerprint, refuseHours: 9 }))],
    ['the rule is gone', () => gate.answers.removeRule(main, root.fingerprint)],
    ['the tenant only wants it told', () => mode('ocsp', 'report')],
    ['the tenant asks nobody any more', () => mode('ocsp', 'off')],
    ['what is known was forgotten: that ends nobody', async () => {
      await gate.answers.removeRule(main, root.fingerprint);
      await gate.answers.setRule(aResponderRule({ anchor: root.fingerprint }));
    }],
  ])('go on where %s', async (_what, act) => {
    const ended = await answered();
    await act();
    await aRoundAt(4 * HOUR);
    expect(ended).toEqual([]);
  });

  it('end where the responder knows the certificate no longer', async () => {
    const ended = await answered();
    await gate.answers.keep({ ...(await gate.answers.named(main, device.fingerprint))[0]!, answer: anAnswer({ status: 'unknown' }) });
    await aRoundAt(0);
    expect(ended).toEqual(['standing-outdated']);
  });

  it('go on where their tenant asked for nothing when they were let in', async () => {
    const { verdict, ended } = await gate.connect([device]);
    expect(granted(verdict).session.rests).toBeUndefined();
    await answered();
    expect(ended).toEqual(['taken-over']);
  });

  it('are looked at once a minute at most, and what fails is told and tried again', async () => {
    const ended = await answered();
    const { rules } = gate.answers;
    gate.answers.rules = () => Promise.reject(new Error('no disk'));
    await aRoundAt(4 * HOUR);
    gate.answers.rules = rules;
    await aRoundAt(4 * HOUR + MINUTE - 1);
    expect([ended, told]).toEqual([[], [expect.stringContaining('tried again')]]);
    await aRoundAt(4 * HOUR + MINUTE);
    expect(ended).toEqual(['standing-outdated']);
  });

  it('and a device that came anew meanwhile is left alone', async () => {
    await answered();
    const about = gate.answers.about.bind(gate.answers);
    const second: string[] = [];
    gate.answers.about = async (...asked) => {
      gate.answers.about = about;
      const known = await about(...asked);
      const [session] = gate.sessions.openOf(main);
      gate.sessions.open({ ...session!, id: 'another' }, (why) => second.push(why));
      return known;
    };
    await aRoundAt(4 * HOUR);
    expect([second, gate.sessions.isOpen('another')]).toEqual([[], true]);
  });

  it('need every trusted CA of their path to be silent', () => {
    const twin = anAnchor({ certificate: aCaCertificate({ serialNumber: '78' }) });
    const path = { certificates: [aCertificate(), aCaCertificate()] as const, anchors: [anAnchor(), twin] };
    const rules = [aResponderRule(), aResponderRule({ anchor: twin.certificate.fingerprint })];
    const old = anAnswer({ freshUntil: inMs(-9 * HOUR) });
    const ask = (known: Parameters<typeof aKnown>[0][]) =>
      outgrown(restsOn(path), revocableOf(path.certificates), { mode: 'off', lists: [], rules: [], at: NOW, answers: { mode: 'enforce', rules, known: known.map(aKnown) } })?.code;
    const atTwin = { anchor: twin.certificate.fingerprint };
    expect([ask([{ answer: old }, { answer: old, ...atTwin }]), ask([{ answer: old }, { answer: anAnswer(), ...atTwin }]), ask([{ answer: old }]), ask([{ answer: revokedAnswer() }])]).toEqual(['revocation.ocsp-stale', undefined, undefined, undefined]);
  });
});
