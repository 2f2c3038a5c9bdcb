import { parseFingerprint } from '../certificates/certificate.ts';
import type { AdmittedDevice } from '../sessions/device-session.ts';
import type { LiveState } from '../tokens/decide-token.ts';
import { rulesMark } from '../trust/rules-mark.ts';
import type { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import { revocationsOf, type RevocationNeeds } from './ask-revocation.ts';
import { rulesOf } from './ask-tenant.ts';
import { meetsRules, type MeetsRulesNeeds } from './meets-rules.ts';

interface Stores extends RevocationNeeds, Pick<MeetsRulesNeeds, 'paths' | 'reader'> {
  readonly tenants: TenantDirectory;
  readonly anchors: TrustAnchorStore;
  readonly devices: DeviceRegistry;
}

type Whose = Pick<AdmittedDevice, 'tenant' | 'device' | 'path'> & { readonly rules?: string | undefined; readonly anchors: readonly string[]; readonly at: Date; readonly registered?: number | undefined };

/** Looks up what is true now of whoever a token is for. Nothing is remembered from one time to the next (D-14). */
export async function liveState(stores: Stores, whose: Whose): Promise<LiveState> {
  const { anchors, tenants, devices } = stores;
  const fingerprints = whose.anchors.map(parseFingerprint).filter((fingerprint) => fingerprint !== undefined);
  const [tenant, device, said, rules, ...found] = await Promise.all([
    tenants.find(whose.tenant),
    devices.find(whose.tenant, whose.device),
    revocationsOf(stores, whose.tenant, whose.path),
    rulesOf(stores, whose.tenant),
    ...fingerprints.map((fingerprint) => anchors.find(whose.tenant, fingerprint)),
  ]);
  const { at, path, registered } = whose;
  const judged = { tenant: whose.tenant, device: whose.device, path, ...(whose.rules !== undefined && { rules: whose.rules }) };
  const byRules = { rules: rulesMark(rules), meetsRules: await meetsRules(stores, judged, rules) };
  return { ...byRules, tenant, device, anchors: found.filter((anchor) => anchor !== undefined), path, revocations: said, at, registered };
}
