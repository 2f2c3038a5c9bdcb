import { checksIn, meetingRules } from '../certificates/judge-tenant-rules.ts';
import type { AdmittedDevice, DeviceSession } from '../sessions/device-session.ts';
import type { TenantRules } from '../trust/rule-options.ts';
import { rulesMark } from '../trust/rules-mark.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import type { Pause } from '../../ports/driven/pause.ts';
import type { SeenPaths } from '../../ports/driven/seen-paths.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import { rulesOf } from './ask-tenant.ts';
import { isBy, pathsSeen } from './seen-ways.ts';

export interface MeetsRulesNeeds {
  readonly tenants: Pick<TenantDirectory, 'optionsOf'>;
  readonly anchors: Pick<TrustAnchorStore, 'find'>;
  readonly paths: Pick<SeenPaths, 'withChain'>;
  readonly reader: CertificateReader;
}

type Admitted = Pick<AdmittedDevice, 'tenant' | 'device' | 'path' | 'rules'>;

/**
 * Does the path by which a device was let in meet what its tenant enforces now (D-55)? Judged by then's rules if they are still the same, else by
 * the certificates that are remembered of it. Where these are others, or not known, the answer is no: it may come anew, and is judged.
 */
export async function meetsRules(needs: MeetsRulesNeeds, admitted: Admitted, rules?: TenantRules): Promise<boolean> {
  const { tenant, device, path } = admitted;
  const asked = rules ?? (await rulesOf(needs, tenant));
  const mark = rulesMark(asked);
  if (mark === undefined || mark === admitted.rules) return true;
  const seen = await needs.paths.withChain(tenant, device);
  if (!seen) return false;
  const own = (await pathsSeen(needs.reader, seen, (anchor) => needs.anchors.find(tenant, anchor))).filter((each) => isBy(path, each));
  return own.length > 0 && meetingRules(own, asked, checksIn(asked, 'enforce')).granted;
}

export interface SessionsByRulesNeeds extends MeetsRulesNeeds {
  readonly sessions: SessionBoard;
  readonly pause: Pause;
}

/** Sessions looked at between two turns of everybody else. */
const AT_ONCE = 20;

/** The sessions of a tenant that do not meet what it enforces now. */
export async function sessionsAgainstRules(needs: SessionsByRulesNeeds, tenant: TenantId): Promise<readonly DeviceSession[]> {
  const rules = await rulesOf(needs, tenant);
  if (rulesMark(rules) === undefined) return [];
  const against: DeviceSession[] = [];
  for (const [i, session] of needs.sessions.openOf(tenant).entries()) {
    if (!(await meetsRules(needs, session, rules))) against.push(session);
    if ((i + 1) % AT_ONCE === 0) await needs.pause();
  }
  return against;
}

/** Ends them, and returns how many that were. */
export async function endSessionsAgainstRules(needs: SessionsByRulesNeeds, tenant: TenantId): Promise<number> {
  const ids = new Set((await sessionsAgainstRules(needs, tenant)).map(({ id }) => id));
  return ids.size === 0 ? 0 : needs.sessions.endByRules(tenant, (session) => ids.has(session.id));
}
