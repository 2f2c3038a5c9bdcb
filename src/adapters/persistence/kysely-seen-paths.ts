import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Fingerprint, Thumbprint } from '../../domain/certificates/certificate.ts';
import type { NameKey } from '../../domain/certificates/distinguished-name.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { Way } from '../../domain/impact/way.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { SeenLink, SeenPath, SeenPaths } from '../../ports/driven/seen-paths.ts';
import type { Database } from './database.ts';
import { prepared, tables } from './query.ts';
import type { SeenChainTable, SeenPathTable } from './schema.ts';
import { step } from './unit.ts';

export class KyselySeenPaths implements SeenPaths {
  readonly #db: Database;
  /** The page that was asked for last. */
  #last: Promise<unknown> = Promise.resolve();

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async remember(path: SeenPath): Promise<void> {
    await this.#db.write([step(PUT(toRow(path))), step(PUT_CHAIN(toChainRow(path)))]);
  }

  async of(tenant: TenantId, device: DeviceId): Promise<SeenPath | undefined> {
    return (await this.#db.read(OF({ tenant, device }))).map(toPath)[0];
  }

  async withChain(tenant: TenantId, device: DeviceId): Promise<SeenPath | undefined> {
    return (await this.#db.read(WITH_CHAIN({ tenant, device }))).map(toWhole)[0];
  }

  async listOf(tenant: TenantId, after: DeviceId | undefined, limit: number): Promise<readonly SeenPath[]> {
    // No id is empty, so that all come after ''.
    return (await this.#inTurn(() => this.#db.read(PAGE({ tenant, after: after ?? '', limit })))).map(toPath);
  }

  async listWithChains(tenant: TenantId, after: DeviceId | undefined, limit: number): Promise<readonly SeenPath[]> {
    return (await this.#inTurn(() => this.#db.read(PAGE_WITH_CHAINS({ tenant, after: after ?? '', limit })))).map(toWhole);
  }

  /** Whoever asks for a page asks for the next one at once: one page a turn, for all who ask. */
  #inTurn<Page>(read: () => Promise<Page>): Promise<Page> {
    const page = this.#last.then(() => nextTurn()).then(read);
    this.#last = page.catch(() => undefined);
    return page;
  }

  async forget(tenant: TenantId, device: DeviceId): Promise<void> {
    await this.#db.write([step(FORGET({ tenant, device })), step(FORGET_CHAIN({ tenant, device }))]);
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

/** A certificate of a chain as it is written: serial number, issuer, fingerprint, and its DER in base64. */
type WrittenLink = readonly [string, string, string, string];

const toChainRow = ({ tenant, device, chain = [], lastSeen }: SeenPath): SeenChainTable => ({
  tenant,
  device,
  certificates: chain.length === 0 ? '' : JSON.stringify(chain.map(({ serialNumber, issuer, fingerprint, der }): WrittenLink => [serialNumber, issuer, fingerprint, Buffer.from(der).toString('base64')])),
  last_seen: lastSeen.toISOString(),
});

const toChain = (written: string): readonly SeenLink[] =>
  (JSON.parse(written) as readonly WrittenLink[]).map(([serialNumber, issuer, fingerprint, der]) => ({
    ...{ serialNumber, issuer: issuer as NameKey, fingerprint: fingerprint as Fingerprint },
    der: Uint8Array.from(Buffer.from(der, 'base64')),
  }));

const toWhole = (row: SeenPathTable & { readonly certificates: string | null }): SeenPath => ({ ...toPath(row), ...(row.certificates && { chain: toChain(row.certificates) }) });

const PUT_CHAIN = prepared((p: SeenChainTable) =>
  tables
    .insertInto('seen_chain')
    .values({ tenant: p.tenant, device: p.device, certificates: p.certificates, last_seen: p.last_seen })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'device']).doUpdateSet({ certificates: p.certificates, last_seen: p.last_seen }).where('seen_chain.last_seen', '<=', p.last_seen),
    ),
);

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

const whole = tables
  .selectFrom('seen_path')
  .leftJoin('seen_chain', (join) => join.onRef('seen_chain.tenant', '=', 'seen_path.tenant').onRef('seen_chain.device', '=', 'seen_path.device'))
  .selectAll('seen_path')
  .select('seen_chain.certificates');

const WITH_CHAIN = prepared((p: { tenant: string; device: string }) => whole.where('seen_path.tenant', '=', p.tenant).where('seen_path.device', '=', p.device));

const PAGE_WITH_CHAINS = prepared((p: { tenant: string; after: string; limit: number }) =>
  whole.where('seen_path.tenant', '=', p.tenant).where('seen_path.device', '>', p.after).orderBy('seen_path.device').limit(p.limit),
);

const FORGET_CHAIN = prepared((p: { tenant: string; device: string }) =>
  tables.deleteFrom('seen_chain').where('tenant', '=', p.tenant).where('device', '=', p.device),
);

const FORGET = prepared((p: { tenant: string; device: string }) =>
  tables.deleteFrom('seen_path').where('tenant', '=', p.tenant).where('device', '=', p.device),
);
