import type { PlannedOption } from '../impact/impact.ts';
import { isMeant, type Revocation } from '../revocation/revocation.ts';
import type { TenantOption } from '../trust/tenant-option.ts';
import type { RevocationNeeds } from './ask-revocation.ts';

/** The stores as they would be, were these said too, in the tenant that is asked about. */
export const withRevocations = (needs: RevocationNeeds, planned: readonly Revocation[]): RevocationNeeds => ({
  ...needs,
  revocations: {
    about: async (tenant, certificates) => {
      const said = await needs.revocations.about(tenant, certificates);
      return [...said, ...planned.filter((revocation) => certificates.some((certificate) => isMeant(revocation, certificate)))];
    },
  },
});

/** The options of one tenant, of one category, as they were at one moment and would be with these: they are read once, however many devices are looked at. */
export function asPlanned(needs: RevocationNeeds, set: readonly TenantOption[], planned: readonly PlannedOption[]): RevocationNeeds {
  const isPlanned = ({ category, key }: PlannedOption) => planned.some((option) => option.category === category && option.key === key);
  const chosen = planned.flatMap(({ category, key, value }) => (value === undefined ? [] : [{ category, key, value }]));
  const all = [...set.filter((option) => !isPlanned(option)), ...chosen];
  return {
    ...needs,
    tenants: {
      option: async (_tenant, category, key) => all.find((option) => option.category === category && option.key === key)?.value,
      optionsOf: async (_tenant, category) => all.filter((option) => option.category === category),
    },
  };
}
