import type { Certificate, Thumbprint } from '../certificates/certificate.ts';
import type { TrustedPath } from '../certificates/judge-paths.ts';
import type { DeviceId } from '../identity/device-identity.ts';
import { sameness, type Way } from '../impact/way.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { SeenCertificate, SeenCertificates } from '../../ports/driven/seen-certificates.ts';
import type { SeenLink, SeenPath, SeenPaths } from '../../ports/driven/seen-paths.ts';
import type { CertificateDesk } from '../../ports/driving/certificate-desk.ts';

export interface RememberCertificatesNeeds {
  readonly seen: SeenCertificates;
  readonly paths: SeenPaths;
  readonly clock: Clock;
  readonly log: Log;
}

/** How old `lastSeen` may become before the same certificate is news again. */
const NEWS_AFTER_MS = 86_400_000;
/** Devices whose last certificate and ways are kept in mind: 100,000 take about 45 MB. */
const KEPT_IN_MIND = 100_000;
/** Beyond it the news is left for the next connect: after a restart thousands of devices come at once, and registrations need the disk more. */
const MOST_UNDER_WAY = 64;
/** Bytes of the certificates of one device: usual ones have about 700 each, and 100,000 devices must not fill the disk. */
const LARGEST_CHAIN = 8 * 1024;

/** What makes one sight of a device like another. */
interface Sight {
  readonly thumbprint: Thumbprint;
  /** `sameness` of the ways. */
  readonly ways: string;
  readonly lastSeen: Date;
}

/**
 * Remembers certificates, and the ways on which they were let in, off the way of the connection. The last sight of each device is kept
 * in mind, so that a device that comes again and again costs nothing; one that is not is looked up, and written only where the stores do
 * not know it either.
 */
export class RememberCertificates implements CertificateDesk {
  readonly #needs: RememberCertificatesNeeds;
  /** Of each device what was seen last, and when it was written; the device not asked for longest goes first. */
  readonly #known = new Map<string, Sight>();
  #underWay = 0;
  #isFailing = false;

  constructor(needs: RememberCertificatesNeeds) {
    this.#needs = needs;
  }

  saw(tenant: TenantId, device: DeviceId, leaf: Certificate, ways: readonly Way[], paths: readonly TrustedPath[] = []): void {
    const { serialNumber, thumbprint, fingerprint, issuer, notBefore, notAfter } = leaf;
    const lastSeen = this.#needs.clock.now();
    const sight: Sight = { thumbprint, ways: sameness(ways), lastSeen };
    if (!isNews(sight, this.#inMind({ tenant, device })) || this.#underWay >= MOST_UNDER_WAY) return;
    this.#underWay += 1;
    const certificate = { tenant, device, thumbprint, fingerprint, issuer: issuer.key, serialNumber, notBefore, notAfter, lastSeen };
    const chain = chainOf(leaf, ways, paths);
    void this.#remember(sight, certificate, { tenant, device, thumbprint, notAfter, ways, lastSeen, ...(chain && { chain }) }).finally(() => (this.#underWay -= 1));
  }

  async seenOf(tenant: TenantId, device: DeviceId): Promise<readonly SeenCertificate[]> {
    return this.#needs.seen.of(tenant, device);
  }

  async forget(tenant: TenantId, device: DeviceId): Promise<void> {
    this.#known.delete(keyOf({ tenant, device }));
    await Promise.all([this.#needs.seen.forget(tenant, device), this.#needs.paths.forget(tenant, device)]);
  }

  unlearn(tenant: TenantId, device: DeviceId): void {
    this.#known.delete(keyOf({ tenant, device }));
  }

  async #remember(sight: Sight, certificate: SeenCertificate, path: SeenPath): Promise<void> {
    const { log } = this.#needs;
    const { tenant, device } = path;
    try {
      // At once, so that one commit holds both.
      const written = await Promise.all([this.#rememberCertificate(certificate), this.#rememberPath(sight, path)]);
      const oldest = Math.min(...written.map((at) => at.getTime()));
      this.#keepInMind({ tenant, device }, { ...sight, lastSeen: new Date(oldest) });
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) log.warn({ tenant, device, error: String(error) }, 'With which certificates devices come is not written down for the moment: the store is out of order.');
      this.#isFailing = true;
    }
  }

  /** Both answer when what the store says now was seen. */
  async #rememberCertificate(certificate: SeenCertificate): Promise<Date> {
    const [last] = await this.#needs.seen.of(certificate.tenant, certificate.device);
    // Rows from before fingerprints were kept get theirs.
    if (last?.thumbprint === certificate.thumbprint && last.fingerprint !== '' && !isStale(last, certificate)) return last.lastSeen;
    await this.#needs.seen.remember(certificate);
    return certificate.lastSeen;
  }

  async #rememberPath(sight: Sight, path: SeenPath): Promise<Date> {
    const last = await this.#needs.paths.of(path.tenant, path.device);
    if (last && !isNews(sight, { ...last, ways: sameness(last.ways) })) return last.lastSeen;
    // How long a device stays away is told by days: two sights of one day say nothing of it.
    const seenBefore = last && (isStale(last, path) ? last.lastSeen : last.seenBefore);
    await this.#needs.paths.remember({ ...path, ...(seenBefore && { seenBefore }) });
    return path.lastSeen;
  }

  #inMind(of: Device): Sight | undefined {
    const key = keyOf(of);
    const known = this.#known.get(key);
    if (known && this.#known.delete(key)) this.#known.set(key, known);
    return known;
  }

  #keepInMind(of: Device, sight: Sight): void {
    this.#known.delete(keyOf(of));
    this.#known.set(keyOf(of), sight);
    if (this.#known.size > KEPT_IN_MIND) this.#known.delete(this.#known.keys().next().value!);
  }
}

type Device = Pick<SeenPath, 'tenant' | 'device'>;

/** The certificates of these ways, each once, the leaf first; undefined where they are too many bytes to be kept of every device. */
function chainOf(leaf: Certificate, ways: readonly Way[], paths: readonly TrustedPath[]): readonly SeenLink[] | undefined {
  const between = new Set(ways.flatMap(({ intermediates }) => intermediates.map(({ fingerprint }) => fingerprint)));
  const all = [leaf, ...paths.flatMap(({ certificates }) => certificates.slice(1, -1).filter(({ fingerprint }) => between.has(fingerprint)))];
  const chain = [...new Map(all.map((certificate) => [certificate.fingerprint, certificate])).values()];
  const bytes = chain.reduce((sum, { der, issuer }) => sum + der.length + issuer.key.length, 0);
  return bytes > LARGEST_CHAIN ? undefined : chain.map(({ serialNumber, issuer, fingerprint, der }) => ({ serialNumber, issuer: issuer.key, fingerprint, der }));
}

/** A slash is in no tenant's id and in no device's. */
const keyOf = ({ tenant, device }: Device): string => `${tenant}/${device}`;

const isNews = (sight: Sight, last: Sight | undefined): boolean =>
  last?.thumbprint !== sight.thumbprint || last.ways !== sight.ways || isStale(last, sight);

const isStale = (last: Pick<Sight, 'lastSeen'>, now: Pick<Sight, 'lastSeen'>): boolean => now.lastSeen.getTime() - last.lastSeen.getTime() >= NEWS_AFTER_MS;
