import { beforeEach, describe, expect, it } from '@jest/globals';
import { aKnown, anAnswer, aResponderRule, revokedAnswer } from '../../support/answer-builders.ts';
import type { KnownCertificate } from '../../../src/domain/revocation/responder-answer.ts';
import { aTenantId, NOW } from '../../support/certificate-builders.ts';
import { anInstance, ca, leaf } from '../../support/an-instance.ts';

const main = aTenantId();
const root = ca('Root');
const device = leaf('press-7', 'Root');

describe('An explanation shows what lists and responders leave unsaid', () => {
  let gate: Awaited<ReturnType<typeof anInstance>>;
  beforeEach(async () => {
    gate = await anInstance();
    await gate.trusting(root, { autoRegistration: true });
    await gate.answers.setRule(aResponderRule({ anchor: root.fingerprint }));
  });
  const mode = (check: 'crl' | 'ocsp', value: string) => gate.tenants.setOption(main, 'fleetgate', `check.${check}`, value);
  const said = async (answer: KnownCertificate['answer']): Promise<void> => {
    const { serialNumber, issuer, fingerprint } = device;
    const known = aKnown({ anchor: root.fingerprint, issuedBy: root.fingerprint, serialNumber, issuer: issuer.key, fingerprint });
    await gate.answers.note([known], NOW);
    await gate.answers.keep({ ...known, ...(answer && { answer }) });
  };
  const wantingLists = () => gate.lists.setRule({ tenant: main, anchor: root.fingerprint, urls: [], acceptHours: 0, refuseHours: 0, missing: 'refuse' });
  /** The rows of step 6a, and that the verdict is the gate's own. */
  const rows = async () => {
    const { checks, refusal } = await gate.liveExplain.explain({ chain: gate.known(device).map(({ der }) => der), within: main });
    const verdict = (await gate.connect([device])).verdict;
    expect(refusal?.code).toBe(verdict.granted ? undefined : verdict.refusal.code);
    return checks.filter(({ code }) => code.startsWith('revocation.')).map(({ code, outcome, evidence }) => [code, outcome, evidence?.['counts'] === undefined ? '' : 'recorded']);
  };

  it('in no row where the tenant asks neither', async () => {
    expect(await rows()).toEqual([]);
  });

  it('in a row each where it asks both', async () => {
    await mode('crl', 'enforce');
    await mode('ocsp', 'enforce');
    await said(anAnswer());
    expect(await rows()).toEqual([['revocation.list-missing', 'holds', ''], ['revocation.ocsp-missing', 'holds', '']]);
    await wantingLists();
    expect(await rows()).toEqual([['revocation.list-missing', 'broken', ''], ['revocation.ocsp-missing', 'not-asked', '']]);
  });

  it('in the row of what a hard rule refuses for', async () => {
    await mode('ocsp', 'enforce');
    expect(await rows()).toEqual([['revocation.ocsp-missing', 'broken', '']]);
    await said(anAnswer({ status: 'unknown' }));
    expect(await rows()).toEqual([['revocation.ocsp-unknown', 'broken', '']]);
  });

  it('as what is only recorded, by a soft rule or where the tenant wants it told', async () => {
    await mode('ocsp', 'report');
    expect(await rows()).toEqual([['revocation.ocsp-missing', 'holds', 'recorded']]);
    await mode('ocsp', 'enforce');
    await gate.answers.setRule(aResponderRule({ anchor: root.fingerprint, hard: false }));
    await mode('crl', 'enforce');
    await said(anAnswer({ status: 'unknown' }));
    expect(await rows()).toEqual([['revocation.list-missing', 'holds', ''], ['revocation.ocsp-unknown', 'holds', 'recorded']]);
  });

  it('and a certificate that is revoked in a row of its own', async () => {
    await mode('ocsp', 'enforce');
    await said(revokedAnswer());
    expect(await rows()).toEqual([['revocation.ocsp-missing', 'not-asked', ''], ['revocation.ocsp-revoked', 'broken', '']]);
  });
});
