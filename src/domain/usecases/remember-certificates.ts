import type { Certificate } from '../certificates/certificate.ts';
import type { DeviceId } from '../identity/device-identity.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { SeenCertificate, SeenCertificates } from '../../ports/driven/seen-certificates.ts';
import type { CertificateDesk } from '../../ports/driving/certificate-desk.ts';

export interface RememberCertificatesNeeds {
  readonly seen: SeenCertificates;
  readonly clock: Clock;
  readonly log: Log;
}

/** How old `lastSeen` may become before the same certificate is news again. */
const NEWS_AFTER_MS = 86_400_000;
/** Devices whose last certificate is kept in mind: 100,000 take about 25 MB. */
const KEPT_IN_MIND = 100_000;
/** Beyond it the news is left for the next connect: after a restart thousands of devices come at once, and registrations need the disk more. */
const MOST_UNDER_WAY = 64;

/**
 * Remembers certificates off the way of the connection. The last one of each device is kept in mind, so that a device that comes again
 * and again costs nothing; one that is not is looked up, and written only where the store does not know it either.
 */
export class RememberCertificates implements CertificateDesk {
  readonly #needs: RememberCertificatesNeeds;
  /** The one seen last of each device, and when it was written; the device not asked for longest goes first. */
  readonly #known = new Map<string, Pick<SeenCertificate, 'thumbprint' | 'lastSeen'>>();
  #underWay = 0;
  #isFailing = false;

  constructor(needs: RememberCertificatesNeeds) {
    this.#needs = needs;
  }

  saw(tenant: TenantId, device: DeviceId, leaf: Certificate): void {
    const { serialNumber, thumbprint, fingerprint, issuer, notBefore, notAfter } = leaf;
    const sight: SeenCertificate = { tenant, device, thumbprint, fingerprint, issuer: issuer.key, serialNumber, notBefore, notAfter, lastSeen: this.#needs.clock.now() };
    if (!isNews(sight, this.#inMind(sight)) || this.#underWay >= MOST_UNDER_WAY) return;
    this.#underWay += 1;
    void this.#remember(sight).finally(() => (this.#underWay -= 1));
  }

  async seenOf(tenant: TenantId, device: DeviceId): Promise<readonly SeenCertificate[]> {
    return this.#needs.seen.of(tenant, device);
  }

  async forget(tenant: TenantId, device: DeviceId): Promise<void> {
    this.#known.delete(keyOf({ tenant, device }));
    await this.#needs.seen.forget(tenant, device);
  }

  async #remember(sight: SeenCertificate): Promise<void> {
    const { seen, log } = this.#needs;
    try {
      const [last] = await seen.of(sight.tenant, sight.device);
      const news = isNews(sight, last) || last?.fingerprint === '';
      if (news) await seen.remember(sight);
      this.#keepInMind(sight, news ? sight.lastSeen : last!.lastSeen);
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) log.warn({ tenant: sight.tenant, device: sight.device, error: String(error) }, 'With which certificates devices come is not written down for the moment: the store is out of order.');
      this.#isFailing = true;
    }
  }

  #inMind(sight: SeenCertificate): Pick<SeenCertificate, 'thumbprint' | 'lastSeen'> | undefined {
    const key = keyOf(sight);
    const known = this.#known.get(key);
    if (known && this.#known.delete(key)) this.#known.set(key, known);
    return known;
  }

  #keepInMind(sight: SeenCertificate, lastSeen: Date): void {
    this.#known.delete(keyOf(sight));
    this.#known.set(keyOf(sight), { thumbprint: sight.thumbprint, lastSeen });
    if (this.#known.size > KEPT_IN_MIND) this.#known.delete(this.#known.keys().next().value!);
  }
}

/** A slash is in no tenant's id and in no device's. */
const keyOf = ({ tenant, device }: Pick<SeenCertificate, 'tenant' | 'device'>): string => `${tenant}/${device}`;

const isNews = (sight: SeenCertificate, last: Pick<SeenCertificate, 'thumbprint' | 'lastSeen'> | undefined): boolean =>
  last?.thumbprint !== sight.thumbprint || sight.lastSeen.getTime() - last.lastSeen.getTime() >= NEWS_AFTER_MS;
