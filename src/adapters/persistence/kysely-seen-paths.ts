import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Fingerprint, Thumbprint } from '../../domain/certificates/certificate.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { Way } from '../../domain/impact/way.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { SeenPath, SeenPaths } from '../../ports/driven/seen-paths.ts';
import type { Database } from './database.ts';
import { prepared, tables } from './query.ts';
import type { SeenPathTable } from './schema.ts';
import { step } from './unit.ts';

export class KyselySeenPaths implements SeenPaths {
  readonly #db: Database;
  /** The page that was asked for last. */
  #last: Promise<unknown> = Promise.resolve();

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async remember(path: SeenPath): Promise<void> {
    await this.#db.write([step(PUT(toRow(path)))]);
  }

  async of(tenant: TenantId, device: DeviceId): Promise<SeenPath | undefined> {
    return (await this.#db.read(OF({ tenant, device }))).map(toPath)[0];
  }

  async listOf(tenant: TenantId, after: DeviceId | undefined, limit: number): Promise<readonly SeenPath[]> {
    // Whoever asks for a page asks for the next one at once: one page a turn, for all who ask. No id is empty, so that all come after ''.
    const page = this.#last.then(() => nextTurn()).then(() => this.#db.read(PAGE({ tenant, after: after ?? '', limit })));
    this.#last = page.catch(() => undefined);
    return (await page).map(toPath);
  }

  async forget(tenant: TenantId, device: DeviceId): Promise<void> {
    await this.#db.write([step(FORGET({ tenant, device }))]);
  }
}

/** A way as it is written: the anchor, then fingerprint, subject and end of each intermediate. */
type WrittenWay = readonly [string, ...(readonly [string, string, string])[]];

const toRow = ({ tenant, device, thumbprint, notAfter, ways, lastSeen, seenBefore }: SeenPath): SeenPathTable => ({
  tenant,
  device,
  thumbprint,
  not_after: notAfter.toISOString(),
  ways: JSON.stringify(ways.map(written)),
  last_seen: lastSeen.toISOString(),
  seen_before: seenBefore?.toISOString() ?? '',
});

const written = ({ anchor, intermediates }: Way): WrittenWay => [
  anchor,
  ...intermediates.map(({ fingerprint, subject, notAfter }) => [fingerprint, subject, notAfter.toISOString()] as const),
];

const toPath = (row: SeenPathTable): SeenPath => ({
  tenant: row.tenant as TenantId,
  device: row.device as DeviceId,
  thumbprint: row.thumbprint as Thumbprint,
  notAfter: new Date(row.not_after),
  ways: (JSON.parse(row.ways) as readonly WrittenWay[]).map(toWay),
  lastSeen: new Date(row.last_seen),
  ...(row.seen_before !== '' && { seenBefore: new Date(row.seen_before) }),
});

const toWay = ([anchor, ...intermediates]: WrittenWay): Way => ({
  anchor: anchor as Fingerprint,
  intermediates: intermediates.map(([fingerprint, subject, notAfter]) => ({ fingerprint: fingerprint as Fingerprint, subject, notAfter: new Date(notAfter) })),
});

const PUT = prepared((p: SeenPathTable) =>
  tables
    .insertInto('seen_path')
    .values({
      ...{ tenant: p.tenant, device: p.device, thumbprint: p.thumbprint, not_after: p.not_after },
      ...{ ways: p.ways, last_seen: p.last_seen, seen_before: p.seen_before },
    })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'device'])
        .doUpdateSet({ thumbprint: p.thumbprint, not_after: p.not_after, ways: p.ways, last_seen: p.last_seen, seen_before: p.seen_before })
        .where('seen_path.last_seen', '<=', p.last_seen),
    ),
);

const paths = tables.selectFrom('seen_path').selectAll();

const OF = prepared((p: { tenant: string; device: string }) => paths.where('tenant', '=', p.tenant).where('device', '=', p.device));

const PAGE = prepared((p: { tenant: string; after: string; limit: number }) =>
  paths.where('tenant', '=', p.tenant).where('device', '>', p.after).orderBy('device').limit(p.limit),
);

const FORGET = prepared((p: { tenant: string; device: string }) =>
  tables.deleteFrom('seen_path').where('tenant', '=', p.tenant).where('device', '=', p.device),
);
