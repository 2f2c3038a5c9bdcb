import { describe, expect, it } from '@jest/globals';
import { refusalDetail, toldText } from '../../../src/domain/explanations/refusal-detail.ts';
import { sentenceOf } from '../../../src/domain/refusal.ts';
import { aTenantId, after, DAY, SECOND } from '../../support/certificate-builders.ts';
import { anInstance, ca, leaf } from '../../support/an-instance.ts';

const refusal = { code: 'path.too-long', depth: 1 } as const;
const EXPIRED = { notBefore: after(-DAY), notAfter: after(-SECOND) };

describe('How much of a refusal a device is told', () => {
  it.each([
    [undefined, sentenceOf(refusal)],
    ['sentence', sentenceOf(refusal)],
    ['code', 'path.too-long'],
    ['none', ''],
    ['None', sentenceOf(refusal)],
    ['', sentenceOf(refusal)],
  ])('is what its tenant chose: %s', (set, text) => {
    const told = refusalDetail(set);
    expect(toldText(told === 'sentence' ? refusal : { ...refusal, told })).toBe(text);
  });

  it('is chosen by an option that takes these words alone', async () => {
    const { tenantDesk } = await anInstance();
    const option = { category: 'fleetgate', key: 'refusal.detail' };
    expect(await tenantDesk.setOption(aTenantId(), { ...option, value: 'all' }, 'admin')).toMatchObject({ refusal: { code: 'tenant.unusable-option', evidence: { form: 'sentence, code or none' } } });
    expect(await tenantDesk.setOption(aTenantId(), { ...option, value: 'none' }, 'admin')).toMatchObject({ granted: true });
  });

  it('comes with the refusal of the gate where the tenant is known, and is the sentence where it is not', async () => {
    const instance = await anInstance();
    await instance.trusting(ca('Root'));
    await instance.tenants.setOption(aTenantId(), 'fleetgate', 'refusal.detail', 'code');
    await instance.tenants.setOption(aTenantId('other'), 'fleetgate', 'refusal.detail', 'none');
    const told = async (chain: Parameters<typeof instance.admit>[0]) => {
      const { verdict } = await instance.connect(chain);
      return verdict.granted ? 'admitted' : [verdict.refusal.code, verdict.refusal.told];
    };
    expect(await told([leaf('press-7', 'Root', EXPIRED)])).toEqual(['path.outside-validity', 'code']);
    expect(await told([leaf('press:7', 'Root')])).toEqual(['identity.forbidden-character', 'code']);
    expect(await told([leaf('press-7', 'Nobody')])).toEqual(['tenant.no-anchor-found', undefined]);
    expect(await instance.admit([leaf('press-7', 'Root', EXPIRED)])).toMatchObject({ refusal: { told: 'code' } });
    expect((await instance.examine([leaf('press-7', 'Root', EXPIRED)]))).not.toHaveProperty('refusal.told');
    const [kept] = await instance.refusals.list({ tenant: aTenantId(), limit: 1 });
    expect(kept!.refusal).not.toHaveProperty('told');
  });
});
