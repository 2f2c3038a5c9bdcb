import type { Certificate, Thumbprint } from '../../domain/certificates/certificate.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { TrustAnchor } from '../../domain/trust/trust-anchor.ts';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { TrustAnchorTable } from './schema.ts';

const CACHE_LIMIT = 4_000;
const REPORT_LIMIT = 1_000;

export const toRow = (anchor: TrustAnchor): TrustAnchorTable => ({
  tenant: anchor.tenant,
  fingerprint: anchor.certificate.fingerprint,
  thumbprint: anchor.certificate.thumbprint,
  subject_key: anchor.certificate.subject.key,
  issuer_key: anchor.certificate.issuer.key,
  der_base64: Buffer.from(anchor.certificate.der).toString('base64'),
  name: anchor.name,
  status: anchor.status,
  auto_registration: anchor.autoRegistration ? 1 : 0,
  inert: anchor.inert ? 1 : 0,
  possession_proven: anchor.possessionProven ? 1 : 0,
  ...codeColumns(anchor.possessionCode),
  added_at: anchor.addedAt.toISOString(),
  last_disabled_at: anchor.lastDisabledAt?.toISOString() ?? '',
});

export const codeColumns = (code: TrustAnchor['possessionCode']): Pick<TrustAnchorTable, 'possession_code' | 'possession_code_until'> => ({
  possession_code: code?.text ?? '',
  possession_code_until: code?.usableUntil.toISOString() ?? '',
});

/**
 * Makes anchors of rows. The certificate is read anew from its DER; what was read is kept by the DER itself, which never changes its
 * meaning. A row that does not read, or whose certificate is not the one it is filed under, is left out and reported once (F32).
 */
export class AnchorRows {
  readonly #reader: CertificateReader;
  readonly #log: Log;
  readonly #read = new Map<string, Certificate>();
  readonly #reported = new Set<string>();

  constructor({ reader, log }: { reader: CertificateReader; log: Log }) {
    this.#reader = reader;
    this.#log = log;
  }

  toAnchors(rows: readonly TrustAnchorTable[]): readonly TrustAnchor[] {
    return rows.flatMap((row) => {
      const certificate = this.#certificateOf(row);
      return certificate ? [toAnchor(row, certificate)] : [];
    });
  }

  #certificateOf(row: TrustAnchorTable): Certificate | undefined {
    const certificate = this.#read.get(row.der_base64) ?? this.#readAnew(row);
    if (certificate?.thumbprint === (row.thumbprint as Thumbprint) && certificate.fingerprint === row.fingerprint) return certificate;
    this.#report(row);
    return undefined;
  }

  #readAnew(row: TrustAnchorTable): Certificate | undefined {
    // A copy: Node's Buffers share memory, and what is kept for long should keep nothing else alive.
    const decision = this.#reader.read(new Uint8Array(Buffer.from(row.der_base64, 'base64')));
    if (!decision.granted) return undefined;
    this.#read.set(row.der_base64, decision.value);
    if (this.#read.size > CACHE_LIMIT) this.#read.delete(this.#read.keys().next().value!);
    return decision.value;
  }

  #report({ tenant, fingerprint, name }: TrustAnchorTable): void {
    const key = `${tenant}/${fingerprint}`;
    if (this.#reported.has(key) || this.#reported.size >= REPORT_LIMIT) return;
    this.#reported.add(key);
    this.#log.error(
      { tenant, fingerprint, name },
      'A stored trusted certificate is damaged and is left out: its devices are refused. Delete it and upload it again, or restore a backup.',
    );
  }
}

const toAnchor = (row: TrustAnchorTable, certificate: Certificate): TrustAnchor => ({
  tenant: row.tenant as TenantId,
  certificate,
  name: row.name,
  // Whatever is not the one word that lets devices in keeps them out.
  status: row.status === 'enabled' ? 'enabled' : 'disabled',
  autoRegistration: row.auto_registration === 1,
  inert: row.inert !== 0,
  possessionProven: row.possession_proven === 1,
  ...(row.possession_code !== '' && { possessionCode: { text: row.possession_code, usableUntil: new Date(row.possession_code_until) } }),
  addedAt: new Date(row.added_at),
  ...(row.last_disabled_at !== '' && { lastDisabledAt: new Date(row.last_disabled_at) }),
});
