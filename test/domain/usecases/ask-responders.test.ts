import { beforeEach, describe, expect, it } from '@jest/globals';
import { OID, type Certificate } from '../../../src/domain/certificates/certificate.ts';
import type { CertificateId, OcspResponse, SingleAnswer } from '../../../src/domain/revocation/ocsp-response.ts';
import { WANTED_FOR_MS, type KnownCertificate } from '../../../src/domain/revocation/responder-answer.ts';
import type { Refusal } from '../../../src/domain/refusal.ts';
import { grant, refuse, type Decision } from '../../../src/domain/shared/decision.ts';
import { AskResponders, type AskRespondersNeeds } from '../../../src/domain/usecases/ask-responders.ts';
import { aResponderRule } from '../../support/answer-builders.ts';
import { aRevocation, aSignature, aTenantId, type CertificateOverrides } from '../../support/certificate-builders.ts';
import { anInstance, ca as aCa, granted, leaf as aLeaf } from '../../support/an-instance.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const main = aTenantId();
/** Time goes on here: they last. */
const notAfter = new Date('2030-01-01');
const ca = (name: string, issuer = name): Certificate => aCa(name, issuer, { notAfter });
const leaf = (name: string, issuer: string, overrides: CertificateOverrides = {}): Certificate => aLeaf(name, issuer, { notAfter, ...overrides });
const root = ca('Root');
const device = leaf('press-7', 'Root');
const idOf = (serialNumber: string, issuer: Certificate): CertificateId => ({ hash: 'sha1', issuerName: issuer.subject.key, issuerKey: '', serialNumber });

type Said = Partial<SingleAnswer> | Refusal['code'];

describe('Responders are asked in the background', () => {
  let gate: Awaited<ReturnType<typeof anInstance>>;
  let asking: AskResponders;
  let asked: string[];
  let told: string[];
  let held: (() => void)[] | undefined;
  let says: (url: string) => Said | undefined;
  let response: Partial<OcspResponse>;
  let signer: Certificate;
  let needs: AskRespondersNeeds;
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 50; i++) await Promise.resolve();
  };
  /** Says `good` for an hour, as the CA, unless told otherwise. */
  beforeEach(async () => {
    gate = await anInstance();
    [asked, told, held, response, signer] = [[], [], undefined, {}, root];
    says = () => ({});
    const answer = (id: CertificateId, said: Partial<SingleAnswer>): SingleAnswer => ({ id, status: 'good', thisUpdate: gate.clock.now(), nextUpdate: new Date(gate.clock.now().getTime() + HOUR), unknownCritical: [], ...said });
    needs = {
      ...gate,
      messages: {
        question: (serialNumber, issuer) => ({ request: new TextEncoder().encode(JSON.stringify([serialNumber, issuer.subject.key])), ids: [idOf(serialNumber, issuer)], nonce: 'n' }),
        read: (bytes) => {
          const { said, about: [serialNumber, issuerName] } = JSON.parse(new TextDecoder().decode(bytes)) as { said: Said; about: [string, string] };
          if (typeof said === 'string') return refuse({ code: said as 'ocsp.unreadable' });
          const dates = Object.fromEntries(Object.entries(said).map(([name, value]) => [name, name.endsWith('Update') ? new Date(value as never) : name === 'revoked' ? { reason: 'keyCompromise' as const, since: gate.clock.now() } : value]));
          const whole: OcspResponse = { signature: aSignature(), producedAt: gate.clock.now(), answers: [answer({ ...idOf(serialNumber, root), issuerName }, dates)], unknownCritical: [], certificates: gate.known(signer).map(({ der }) => der), ...response };
          return grant({ response: whole, isBy: (certificate) => (signer === root ? certificate.subject.key === issuerName : certificate.thumbprint === signer.thumbprint), verifies: () => true });
        },
      },
      source: {
        ask: async ({ url, request, allowed, signal }): Promise<Decision<Uint8Array, never>> => {
          const about = JSON.parse(new TextDecoder().decode(request)) as [string, string];
          asked.push(`${url} of ${allowed.length} about ${about[0]}`);
          if (held) await new Promise<void>((resolve) => (held!.push(resolve), signal!.addEventListener('abort', () => resolve())));
          const said = signal?.aborted ? undefined : says(url);
          if (said === undefined) return refuse({ code: 'ocsp.not-asked', evidence: { url, problem: 'nobody there' } }) as never;
          return grant(new TextEncoder().encode(JSON.stringify({ said, about })));
        },
      },
      log: { info: () => undefined, error: () => undefined, warn: (_facts, sentence) => void told.push(sentence) },
    };
    asking = new AskResponders(needs);
    await gate.trusting(root, { autoRegistration: true });
    await gate.tenants.setOption(main, 'fleetgate', 'check.ocsp', 'enforce');
    await gate.answers.setRule(aResponderRule({ anchor: root.fingerprint, hard: false }));
  });

  /** As after a connect: the gate names what it has seen. */
  const wanted = async (...chain: readonly Certificate[]): Promise<void> => {
    granted((await gate.connect(chain)).verdict);
    asking.want(gate.wanted.splice(0));
    await settle();
  };
  const known = async (of: Certificate = device): Promise<KnownCertificate | undefined> => (await gate.answers.named(main, of.fingerprint))[0];
  const status = async (of?: Certificate) => (await known(of))?.answer?.status;
  const round = async (ms: number): Promise<number> => {
    const before = asked.length;
    gate.clock.advance(ms);
    await asking.round();
    await settle();
    return asked.length - before;
  };
  const revoking = { status: 'revoked', revoked: { reason: 'keyCompromise' } } as unknown as Said;

  it('about a device that came, at once and once; then before the answer ends, not sooner', async () => {
    await wanted(device);
    expect([asked, await status()]).toEqual([['http://ocsp/ of 1 about by:Root'], 'good']);
    await wanted(device);
    expect([await round(0.5 * HOUR), asked.length]).toEqual([0, 1]);
    expect(await round(0.4 * HOUR)).toBe(1);
    expect((await known())?.answer?.receivedAt).toEqual(gate.clock.now());
  });

  it('and not because it came again after a day, where its answer is not due', async () => {
    says = () => ({ nextUpdate: new Date(gate.clock.now().getTime() + 100 * HOUR) });
    await wanted(device);
    gate.sessions.endByDevice(main, 'press-7' as never);
    expect(await round(24 * HOUR)).toBe(1);
    gate.clock.advance(HOUR);
    const { wantedUntil } = (await known())!;
    await wanted(device);
    expect([asked.length, (await known())!.wantedUntil > wantedUntil]).toEqual([2, true]);
  });

  it('and what revokes ends the session before anything else, kills the token, and is audited; what takes it back is too', async () => {
    const { verdict, ended } = await gate.connect([device]);
    const { session } = granted(verdict);
    const jwt = granted(await gate.tokens.issue(session));
    asking.want(gate.wanted.splice(0));
    await settle();
    says = () => revoking;
    expect(await round(0.9 * HOUR)).toBe(1);
    expect([ended, (await gate.tokens.recognise(jwt)).granted]).toEqual([['certificate-revoked'], false]);
    expect(gate.events.at(-1)).toMatchObject({ what: 'certificate.revoked', by: 'http://ocsp/', reason: 'keyCompromise', sessionsEnded: 1 });
    expect((await gate.connect([device])).verdict).toMatchObject({ refusal: { code: 'revocation.ocsp-revoked', depth: 0 } });
    says = () => ({});
    await round(0.9 * HOUR);
    expect([(await gate.connect([device])).verdict.granted, gate.events.some(({ what }) => what === 'certificate.released')]).toEqual([true, true]);
    const rows = await gate.trail.list(main, {}, 20);
    expect(rows.map(({ what, by }) => [what, by]).filter(([what]) => what!.startsWith('certificate.'))).toEqual([['certificate.released', 'http://ocsp/'], ['certificate.revoked', 'http://ocsp/']]);
  });

  it('and what revokes ends no session of a tenant that only wants it told', async () => {
    await gate.tenants.setOption(main, 'fleetgate', 'check.ocsp', 'report');
    const { ended } = await gate.connect([device]);
    says = () => revoking;
    asking.want(gate.wanted.splice(0));
    await settle();
    expect([ended, await status()]).toEqual([[], 'revoked']);
    granted((await gate.connect([leaf('press-7', 'Root')])).verdict);
    expect(gate.events.at(-1)).toMatchObject({ what: 'device.would-be-refused', refusal: { code: 'revocation.ocsp-revoked' } });
    ended.length = 0;
    granted((await gate.connect([device], { end: (why) => ended.push(why) })).verdict);
    await gate.tenantDesk.setOptions(main, [{ category: 'fleetgate', key: 'check.ocsp', value: 'enforce' }], 'main/admin');
    expect(ended).toEqual(['certificate-revoked']);
  });

  it('X29 but not for a tenant that switched it off, of a CA without a rule, nor for an explanation', async () => {
    await gate.examine([device]);
    expect(gate.wanted).toEqual([]);
    await gate.tenants.setOption(main, 'fleetgate', 'check.ocsp', 'off');
    await wanted(device);
    expect([asked, await round(HOUR)]).toEqual([[], 0]);
    await gate.tenants.setOption(main, 'fleetgate', 'check.ocsp', 'enforce');
    await gate.answers.removeRule(main, root.fingerprint);
    await wanted(device);
    expect(asked).toEqual([]);
  });

  it.each<[string, string]>([
    ['is not reached', 'ocsp.not-asked'],
    ['sends what cannot be read', 'ocsp.unreadable'],
    ['does not answer', 'ocsp.not-successful'],
  ])('and the last good answer stays where a responder %s; it is tried again later and later, and told of once', async (_what, code) => {
    await wanted(device);
    says = () => (code === 'ocsp.not-asked' ? undefined : (code as Said));
    await round(0.9 * HOUR);
    expect(await known()).toMatchObject({ answer: { status: 'good' }, problem: code, failures: 1 });
    expect([await round(29 * SECOND), await round(SECOND), await round(30 * SECOND), await round(30 * SECOND)]).toEqual([0, 1, 0, 1]);
    expect([told.length, told[0]]).toEqual([1, expect.stringContaining(code)]);
    says = () => ({});
    await round(HOUR);
    expect([(await known())?.problem, (await known())?.failures]).toEqual([undefined, 0]);
  });

  it('X29 and a responder that does not know a certificate takes nothing back; the next URL is asked, and one that knows counts', async () => {
    await gate.answers.setRule(aResponderRule({ anchor: root.fingerprint, hard: false, urls: ['http://a/', 'http://b/', 'http://c/'] }));
    says = (url) => (url === 'http://a/' ? undefined : url === 'http://b/' ? { status: 'unknown' } : revoking);
    await wanted(device);
    expect([asked.map((each) => each.split(' ')[0]), await status()]).toEqual([['http://a/', 'http://b/', 'http://c/'], 'revoked']);
    says = () => ({ status: 'unknown' });
    await round(0.9 * HOUR);
    expect(await known()).toMatchObject({ answer: { status: 'revoked' }, problem: 'revocation.ocsp-unknown' });
  });

  it('X29 and an answer counts until its nextUpdate, a week at most, an hour where it has none', async () => {
    const life = async (said: Said): Promise<number> => {
      says = () => said;
      await asking.askNow((await known())!);
      return (await known())!.answer!.freshUntil.getTime() - gate.clock.now().getTime();
    };
    await wanted(device);
    const end = (ms: number): Said => ({ nextUpdate: new Date(gate.clock.now().getTime() + ms) });
    expect([await life(end(2 * HOUR)), await life(end(400 * 24 * HOUR)), await life({ nextUpdate: undefined as never })]).toEqual([2 * HOUR, 7 * 24 * HOUR, HOUR]);
  });

  it('and a delegated responder is believed, unless it is revoked here', async () => {
    signer = leaf('Responder', 'Root', { extendedKeyUsage: [OID.ocspSigning] });
    await wanted(device);
    expect(await status()).toBe('good');
    await gate.revocations.add([aRevocation({ fingerprint: signer.fingerprint, serialNumber: '' })]);
    await round(0.9 * HOUR);
    expect(await known()).toMatchObject({ answer: { status: 'good' }, problem: 'ocsp.signer-revoked' });
  });

  it.each<[string, () => Certificate, string]>([
    ['that the issuer did not issue', () => leaf('Responder', 'Other', { issuer: root.subject, extendedKeyUsage: [OID.ocspSigning] }), 'ocsp.signer-not-authorised'],
    ['that ended', () => leaf('Responder', 'Root', { extendedKeyUsage: [OID.ocspSigning], notAfter: new Date(0) }), 'ocsp.signer-outside-validity'],
    ['with a critical extension that nobody knows', () => leaf('Responder', 'Root', { extendedKeyUsage: [OID.ocspSigning], extensions: [{ oid: '1.2.3', critical: true }] }), 'ocsp.signer-not-authorised'],
  ])('X29 and a responder is not believed by a certificate %s', async (_what, made, code) => {
    signer = made();
    await wanted(device);
    expect(await known()).toMatchObject({ problem: code });
    expect((await known())?.answer).toBeUndefined();
  });

  it('about an intermediate too, by its issuer; the issuer of a device is kept, so that it is asked about without it', async () => {
    const line = ca('Line', 'Root');
    const below = leaf('press-8', 'Line');
    gate.known(line);
    await wanted(below, line);
    expect(asked.sort()).toEqual(['http://ocsp/ of 1 about by:Line', 'http://ocsp/ of 1 about by:Root']);
    expect([await status(line), await status(below)]).toEqual(['good', 'good']);
    expect(await gate.answers.issuerOf(main, line.fingerprint)).toEqual(line.der);
    expect(await round(0.9 * HOUR)).toBe(2);
  });

  it('X29 about devices that are online or were here lately, when a rule is set; of one whose issuer was never seen it is said', async () => {
    await gate.answers.removeRule(main, root.fingerprint);
    const line = ca('Line', 'Root');
    granted((await gate.connect([device])).verdict);
    const gone = leaf('press-9', 'Line');
    granted((await gate.connect([gone, line])).verdict);
    await settle();
    gate.sessions.endByDevice(main, 'press-9' as never);
    await gate.paths.forget(main, 'press-7' as never); // known by its session alone
    expect(await known()).toBeUndefined();
    await gate.answers.setRule(aResponderRule({ anchor: root.fingerprint }));
    await round(0);
    expect([await status(), (await known(gone))?.problem]).toEqual(['good', 'ocsp.issuer-not-seen']);
    expect((await known(gone))?.wantedUntil.getTime()).toBeLessThanOrEqual(gate.clock.now().getTime() + WANTED_FOR_MS);
    expect(await round(0)).toBe(0);
    await gate.tenants.setOption(main, 'fleetgate', 'check.ocsp', 'report');
    await wanted(gone, line);
    expect(await status(gone)).toBe('good');
  });

  it('and forgets, once a day, those that are wanted no longer', async () => {
    await wanted(device);
    gate.sessions.endByDevice(main, 'press-7' as never);
    await round(WANTED_FOR_MS + 1);
    expect(await known()).toBeUndefined();
  });

  it('X29 and one that hangs holds up two questions of its CA and none of another, until the gate ends', async () => {
    const other = ca('Other');
    await gate.trusting(other, { autoRegistration: true });
    await gate.answers.setRule(aResponderRule({ anchor: other.fingerprint, hard: false, urls: ['http://other/'] }));
    held = [];
    await wanted(device);
    await wanted(leaf('press-8', 'Root'));
    await wanted(leaf('press-9', 'Root'));
    await wanted(leaf('saw-1', 'Other'));
    expect(asked.map((each) => each.split(' ')[0])).toEqual(['http://ocsp/', 'http://ocsp/', 'http://other/']);
    await asking.round(AbortSignal.abort());
    expect([asked.length, (await known())?.failures, told]).toEqual([3, 0, []]);
  });

  it('and an order of things that fails is told, and tried again', async () => {
    const about = gate.answers.rules.bind(gate.answers);
    gate.answers.rules = () => Promise.reject(new Error('no disk'));
    await asking.round();
    gate.answers.rules = about;
    expect(told).toEqual([expect.stringContaining('tried again')]);
  });
});
