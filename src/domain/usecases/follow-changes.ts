import type { Fingerprint } from '../certificates/certificate.ts';
import type { Change } from '../changes/change.ts';
import { revokedNameOf } from '../changes/revocation-note.ts';
import type { DeviceId } from '../identity/device-identity.ts';
import { isMeant } from '../revocation/revocation.ts';
import { isCheckOption } from '../trust/check-options.ts';
import { isRuleOption } from '../trust/rule-options.ts';
import type { ChangeFeed } from '../../ports/driven/change-feed.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { TokenSigner } from '../../ports/driven/token-signer.ts';
import type { CertificateDesk } from '../../ports/driving/certificate-desk.ts';
import type { ChangeFollowing } from '../../ports/driving/change-following.ts';
import { endByAnchorNow, endByDeviceNow, endByTenantNow, endUntrustedSessions, type EndUntrustedSessionsNeeds } from './end-untrusted-sessions.ts';
import { endRevokedSessions } from './end-revoked-sessions.ts';
import { endSessionsAgainstRules } from './meets-rules.ts';

export interface FollowChangesNeeds extends EndUntrustedSessionsNeeds {
  readonly feed: ChangeFeed;
  readonly certificates: Pick<CertificateDesk, 'unlearn'>;
  readonly signer: Pick<TokenSigner, 'catchUp'>;
  readonly log: Log;
}

/** Changes read in one go. */
const AT_ONCE = 500;

/**
 * Ends here what a change made elsewhere no longer allows (D-14, D-64).
 *
 * A note says where to look; what happens is decided by what the stores say when we look, so that hearing of a change late, twice, or of two at
 * once does no harm. Our own changes come by here too: their sessions are gone already. The place in the feed moves only after the work is done.
 */
export class FollowChanges implements ChangeFollowing {
  readonly #needs: FollowChangesNeeds;
  #seen = 0;
  /** Keys that others made are not taken over yet. */
  #areKeysDue = false;
  #isKeysFailing = false;

  constructor(needs: FollowChangesNeeds) {
    this.#needs = needs;
  }

  async begin(): Promise<void> {
    this.#seen = await this.#needs.feed.head();
  }

  async catchUp(): Promise<void> {
    for (;;) {
      const head = await this.#needs.feed.head();
      if (head === this.#seen) return this.#takeOverKeys();
      const changes = await this.#needs.feed.after(this.#seen, AT_ONCE);
      if (changes === 'forgotten') {
        await this.lookAtAll();
        this.#seen = head;
        continue;
      }
      for (const change of onceEach(changes)) await this.#follow(change);
      this.#seen = changes.at(-1)?.seq ?? this.#seen;
    }
  }

  async lookAtAll(): Promise<void> {
    this.#areKeysDue = true;
    let sessionsEnded = 0;
    for (const { id } of await this.#needs.tenants.list()) sessionsEnded += await endUntrustedSessions(this.#needs, id);
    this.#needs.log.info({ sessionsEnded }, 'Changes were missed here, so that every session was looked at anew.');
  }

  /** Last, and as often as it takes: keys that this process cannot open must keep no session open that has to end. */
  async #takeOverKeys(): Promise<void> {
    if (!this.#areKeysDue) return;
    const { signer, log } = this.#needs;
    try {
      await signer.catchUp();
      this.#areKeysDue = false;
      if (this.#isKeysFailing) log.info({}, 'The signing keys that another process made are taken over now.');
      this.#isKeysFailing = false;
    } catch (error) {
      if (!this.#isKeysFailing) log.error({ error: String(error) }, 'Signing keys that another process made cannot be read here: this process signs by the former one, and refuses tokens by the new one. It is tried again.');
      this.#isKeysFailing = true;
    }
  }

  async #follow(change: Change): Promise<void> {
    const { tenant, kind, subject } = change;
    if (kind === 'device') this.#needs.certificates.unlearn(tenant, subject as DeviceId);
    if (kind === 'keys') return void (this.#areKeysDue = true);
    const sessionsEnded = await this.#end(change);
    if (sessionsEnded > 0) this.#needs.log.info({ tenant, kind, subject, sessionsEnded }, 'Sessions ended here because of a change that was made elsewhere.');
  }

  /** A kind that this program does not know is one of a newer program's: everything of the tenant is looked at. */
  async #end({ tenant, kind, subject }: Change): Promise<number> {
    const needs = this.#needs;
    switch (kind) {
      case 'anchor':
        return endByAnchorNow(needs, tenant, subject as Fingerprint);
      case 'device':
        return endByDeviceNow(needs, tenant, subject as DeviceId);
      case 'tenant':
        return endByTenantNow(needs, tenant);
      case 'option':
        return subject === '' || isCheckOption(subject) || isRuleOption(subject) ? (await endRevokedSessions(needs, tenant)) + (await endSessionsAgainstRules(needs, tenant)) : 0;
      case 'revocation': {
        const name = revokedNameOf({ subject });
        return endRevokedSessions(needs, tenant, name && ((certificate) => isMeant(name, certificate)));
      }
      case 'list':
        return endRevokedSessions(needs, tenant);
      default:
        return endUntrustedSessions(needs, tenant);
    }
  }
}

/** The last of those that say the same: what the stores say now is asked once. */
const onceEach = (changes: readonly Change[]): readonly Change[] => [...new Map(changes.map((change) => [`${change.tenant} ${change.kind} ${change.subject}`, change])).values()];
