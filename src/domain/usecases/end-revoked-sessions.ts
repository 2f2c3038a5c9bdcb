import { isMeant, type RevocableCertificate } from '../revocation/revocation.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { Pause } from '../../ports/driven/pause.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import { revocationsOf, type RevocationNeeds } from './ask-revocation.ts';

export interface EndRevokedSessionsNeeds extends RevocationNeeds {
  readonly sessions: SessionBoard;
  readonly pause: Pause;
}

/** Certificates asked about between two turns of everybody else. */
const AT_ONCE = 20;

/**
 * Ends the sessions of a tenant whose certificates are revoked by what counts now, and returns how many that were. For changes that touch more
 * certificates than anybody could name: the sessions are fewer. Those that it does not `concern` are not asked about.
 */
export async function endRevokedSessions(needs: EndRevokedSessionsNeeds, tenant: TenantId, concerns = (_: RevocableCertificate): boolean => true): Promise<number> {
  const revoked = await revokedOnBoard(needs, tenant, concerns);
  return revoked.size === 0 ? 0 : needs.sessions.endByCertificate(tenant, ({ fingerprint }) => revoked.has(fingerprint));
}

/** The fingerprints of the certificates by which there is a session of this tenant, and which are revoked by what counts now. */
export async function revokedOnBoard(needs: EndRevokedSessionsNeeds, tenant: TenantId, concerns = (_: RevocableCertificate): boolean => true): Promise<ReadonlySet<string>> {
  const { sessions, pause } = needs;
  const live = new Map<string, RevocableCertificate>();
  sessions.endByCertificate(tenant, (certificate) => {
    if (concerns(certificate)) live.set(certificate.fingerprint, certificate);
    return false;
  });
  const all = [...live.values()];
  const revoked = new Set<string>();
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const some = all.slice(at, at + AT_ONCE);
    const said = await revocationsOf(needs, tenant, some);
    for (const certificate of some) if (said.some((revocation) => isMeant(revocation, certificate))) revoked.add(certificate.fingerprint);
    await pause();
  }
  return revoked;
}
