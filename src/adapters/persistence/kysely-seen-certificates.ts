import type { Fingerprint, Thumbprint } from '../../domain/certificates/certificate.ts';
import type { NameKey } from '../../domain/certificates/distinguished-name.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { MOST_SEEN, type SeenCertificate, type SeenCertificates } from '../../ports/driven/seen-certificates.ts';
import type { Database } from './database.ts';
import { prepared, tables } from './query.ts';
import type { SeenCertificateTable } from './schema.ts';
import { step } from './unit.ts';

export class KyselySeenCertificates implements SeenCertificates {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async remember(seen: SeenCertificate): Promise<void> {
    const row = toRow(seen);
    await this.#db.write([step(PUT(row)), step(FORGET_OLDER(row))]);
  }

  async of(tenant: TenantId, device: DeviceId): Promise<readonly SeenCertificate[]> {
    return (await this.#db.read(OF({ tenant, device }))).map(toSeen);
  }

  async find(tenant: TenantId, print: Fingerprint | Thumbprint): Promise<SeenCertificate | undefined> {
    return (await this.#db.read(print.length === 64 ? BY_THUMBPRINT({ tenant, print }) : BY_FINGERPRINT({ tenant, print }))).map(toSeen)[0];
  }

  async forget(tenant: TenantId, device: DeviceId): Promise<void> {
    await this.#db.write([step(FORGET({ tenant, device }))]);
  }
}

const toRow = (seen: SeenCertificate): SeenCertificateTable => ({
  tenant: seen.tenant,
  device: seen.device,
  thumbprint: seen.thumbprint,
  fingerprint: seen.fingerprint,
  issuer_key: seen.issuer,
  serial_number: seen.serialNumber,
  not_before: seen.notBefore.toISOString(),
  not_after: seen.notAfter.toISOString(),
  last_seen: seen.lastSeen.toISOString(),
});

const toSeen = (row: SeenCertificateTable): SeenCertificate => ({
  tenant: row.tenant as TenantId,
  device: row.device as DeviceId,
  thumbprint: row.thumbprint as Thumbprint,
  fingerprint: row.fingerprint as Fingerprint | '',
  issuer: row.issuer_key as NameKey | '',
  serialNumber: row.serial_number,
  notBefore: new Date(row.not_before),
  notAfter: new Date(row.not_after),
  lastSeen: new Date(row.last_seen),
});

const PUT = prepared((p: SeenCertificateTable) =>
  tables
    .insertInto('seen_certificate')
    .values({
      tenant: p.tenant,
      device: p.device,
      thumbprint: p.thumbprint,
      fingerprint: p.fingerprint,
      issuer_key: p.issuer_key,
      serial_number: p.serial_number,
      not_before: p.not_before,
      not_after: p.not_after,
      last_seen: p.last_seen,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'device', 'thumbprint'])
        .doUpdateSet({ last_seen: p.last_seen, fingerprint: p.fingerprint, issuer_key: p.issuer_key })
        .where('seen_certificate.last_seen', '<', p.last_seen),
    ),
);

const newestFirst = tables.selectFrom('seen_certificate').orderBy('last_seen', 'desc').orderBy('thumbprint').limit(MOST_SEEN);

const OF = prepared((p: { tenant: string; device: string }) =>
  newestFirst.selectAll().where('tenant', '=', p.tenant).where('device', '=', p.device),
);

const seen = tables.selectFrom('seen_certificate').selectAll();

const BY_THUMBPRINT = prepared((p: { tenant: string; print: string }) => seen.where('tenant', '=', p.tenant).where('thumbprint', '=', p.print).limit(1));
const BY_FINGERPRINT = prepared((p: { tenant: string; print: string }) => seen.where('tenant', '=', p.tenant).where('fingerprint', '=', p.print).limit(1));

const FORGET = prepared((p: { tenant: string; device: string }) =>
  tables.deleteFrom('seen_certificate').where('tenant', '=', p.tenant).where('device', '=', p.device),
);

const FORGET_OLDER = prepared((p: { tenant: string; device: string }) =>
  tables
    .deleteFrom('seen_certificate')
    .where('tenant', '=', p.tenant)
    .where('device', '=', p.device)
    .where('thumbprint', 'not in', newestFirst.select('thumbprint').where('tenant', '=', p.tenant).where('device', '=', p.device)),
);
