import { sql } from 'kysely';
import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { lifeOf } from '../../ports/driven/leases.ts';
import { MOST_PLACES_AT_ONCE, type OpenSession, type PlacedSession, type SessionPlaces, type TakenSession } from '../../ports/driven/session-places.ts';
import type { Database } from './database.ts';
import { prepared, tables } from './query.ts';
import type { SessionTakenTable } from './schema.ts';
import { step, steps, type Step } from './unit.ts';

export class KyselySessionPlaces implements SessionPlaces {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async put(holder: string, sessions: readonly PlacedSession[]): Promise<void> {
    // One order for all, so that two processes that write the same devices wait for each other and do not deadlock.
    const rows = inOneOrder(lastOfEach(sessions)).map((session) => placeOf(holder, session));
    await this.#each(rows, (some) => [...stepsOf(PUT, some), ...stepsOf(TELL, some)]);
  }

  async claim(holder: string, sessions: readonly PlacedSession[]): Promise<readonly TakenSession[]> {
    await this.#each(inOneOrder(sessions).map((session) => placeOf(holder, session)), (some) => stepsOf(CLAIM, some));
    const places = await Promise.all(sessions.map(({ tenant, device }) => this.#db.read(FIND({ tenant, device }))));
    return sessions.filter(({ id }, i) => places[i]?.[0]?.session !== id).map(({ tenant, device, id }) => ({ tenant, device, id }));
  }

  async remove(holder: string, sessions: readonly TakenSession[]): Promise<void> {
    await this.#each(inOneOrder(sessions).map((session) => keyOf(holder, session)), (some) => stepsOf(REMOVE, some));
  }

  async taken(holder: string): Promise<readonly TakenSession[]> {
    const rows = await this.#db.read(TAKEN({ holder }));
    return rows.map(({ tenant, device, session }) => ({ tenant: tenant as TenantId, device: device as DeviceId, id: session }));
  }

  async settled(holder: string, sessions: readonly TakenSession[]): Promise<void> {
    await this.#each(inOneOrder(sessions).map((session) => keyOf(holder, session)), (some) => stepsOf(SETTLE, some));
  }

  async tidy(): Promise<void> {
    await this.#db.write([step(FORGET_PLACES({})), step(FORGET_TAKEN({}))]);
  }

  async openOf(tenant: TenantId): Promise<readonly OpenSession[]> {
    const rows = await this.#db.read(OPEN({ tenant }));
    return rows.map(({ device, anchors }) => ({ device: device as DeviceId, anchors: anchors.split(' ') as unknown as Fingerprint[] }));
  }

  async #each<Row>(rows: readonly Row[], unit: (some: readonly Row[]) => readonly Step[]): Promise<void> {
    for (let from = 0; from < rows.length; from += MOST_PLACES_AT_ONCE) await this.#db.write([...unit(rows.slice(from, from + MOST_PLACES_AT_ONCE))]);
  }
}

type Place = SessionTakenTable & { readonly anchors: string };

const keyOf = (holder: string, { tenant, device, id }: TakenSession): SessionTakenTable => ({ tenant, device, holder, session: id });
const placeOf = (holder: string, session: PlacedSession): Place => ({ ...keyOf(holder, session), anchors: session.anchors.join(' ') });

const inOneOrder = <S extends TakenSession>(sessions: readonly S[]): readonly S[] =>
  [...sessions].sort((a, b) => compare(a.tenant, b.tenant) || compare(a.device, b.device));
/** Of two of one device the later: who was told of the former by the same unit would be lost behind it. */
const lastOfEach = (sessions: readonly PlacedSession[]): readonly PlacedSession[] => [...new Map(sessions.map((session) => [`${session.tenant}/${session.device}`, session])).values()];

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

type Compiled<Row> = (row: Row) => Parameters<typeof step>[0];

function stepsOf<Row>(compiled: Compiled<Row>, rows: readonly Row[]): readonly Step[] {
  const [first, ...others] = rows.map(compiled);
  return first ? [steps([first, ...others])] : [];
}

const PUT = prepared((p: Place) =>
  tables
    .insertInto('session_place')
    .values({ tenant: p.tenant, device: p.device, holder: p.holder, session: p.session, anchors: p.anchors, former_holder: '', former_session: '' })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'device']).doUpdateSet((row) => ({
        holder: row.ref('excluded.holder'),
        session: row.ref('excluded.session'),
        anchors: row.ref('excluded.anchors'),
        former_holder: row.ref('session_place.holder'),
        former_session: row.ref('session_place.session'),
      })),
    ),
);

/** After `PUT`, which holds the row until the commit: whoever had it before is read from the row itself, and no race can hide them. */
const TELL = prepared((p: Place) =>
  tables
    .insertInto('session_taken')
    .columns(['tenant', 'device', 'holder', 'session'])
    .expression(
      tables
        .selectFrom('session_place')
        .select(['tenant', 'device', 'former_holder', 'former_session'])
        .where('tenant', '=', p.tenant)
        .where('device', '=', p.device)
        .where('holder', '=', p.holder)
        .where('session', '=', p.session)
        .where('former_holder', 'not in', ['', p.holder]),
    )
    .onConflict((conflict) => conflict.columns(['tenant', 'device', 'holder', 'session']).doNothing()),
);

const CLAIM = prepared((p: Place) =>
  tables
    .insertInto('session_place')
    .values({ tenant: p.tenant, device: p.device, holder: p.holder, session: p.session, anchors: p.anchors, former_holder: '', former_session: '' })
    .onConflict((conflict) => conflict.columns(['tenant', 'device']).doNothing()),
);

const FIND = prepared((p: { tenant: string; device: string }) => tables.selectFrom('session_place').select('session').where('tenant', '=', p.tenant).where('device', '=', p.device));

const REMOVE = prepared((p: SessionTakenTable) =>
  tables.deleteFrom('session_place').where('tenant', '=', p.tenant).where('device', '=', p.device).where('holder', '=', p.holder).where('session', '=', p.session),
);

const TAKEN = prepared((p: { holder: string }) => tables.selectFrom('session_taken').selectAll().where('holder', '=', p.holder));

const SETTLE = prepared((p: SessionTakenTable) =>
  tables.deleteFrom('session_taken').where('tenant', '=', p.tenant).where('device', '=', p.device).where('holder', '=', p.holder).where('session', '=', p.session),
);

/** `lifeOf`, in SQL. */
const lives = () => tables.selectFrom('lease').select('name');
const life = sql<string>`${sql.lit(lifeOf(''))} || holder`;
const FORGET_PLACES = prepared((_: object) => tables.deleteFrom('session_place').where(life, 'not in', lives()));
const FORGET_TAKEN = prepared((_: object) => tables.deleteFrom('session_taken').where(life, 'not in', lives()));

const OPEN = prepared((p: { tenant: string }) => tables.selectFrom('session_place').select(['device', 'anchors']).where('tenant', '=', p.tenant));
