import { beforeEach, describe, expect, it } from '@jest/globals';
import { InMemoryObjectStore } from '../../../src/adapters/in-memory/in-memory-object-store.ts';
import { emptyState } from '../../../src/adapters/in-memory/in-memory-state.ts';
import type { Device } from '../../../src/domain/registration/device.ts';
import type { Tenant, TenantId } from '../../../src/domain/trust/tenant.ts';
import { ManageDevices } from '../../../src/domain/usecases/manage-devices.ts';
import { RegisterDevices } from '../../../src/domain/usecases/register-devices.ts';
import type { AuditEvent } from '../../../src/ports/driven/audit-log.ts';
import type { DeviceRegistry } from '../../../src/ports/driven/device-registry.ts';
import type { BulkAnswer, BulkRow } from '../../../src/ports/driving/registration-desk.ts';
import { FixedClock, NOW } from '../../support/certificate-builders.ts';

const T1 = 't1' as TenantId;
const MANAGEMENT = 'management' as TenantId;
const key = (tenant: string, id: string): string => `${tenant} ${id}`;

/** What the use case needs of the stores, and what they were asked, in order. */
class World {
  readonly devices = new Map<string, Device>();
  readonly events: AuditEvent[] = [];
  readonly happened: string[] = [];
  readonly batches: number[] = [];
  readonly desk: ManageDevices;
  readonly registration: RegisterDevices;
  readonly objects = new InMemoryObjectStore({ state: emptyState() });
  ids = 0;

  constructor(mostRows?: number) {
    const unused = (): never => {
      throw new Error('not asked for by this use case');
    };
    const registry: DeviceRegistry = {
      register: unused,
      count: unused,
      newDevices: unused,
      registerAll: async (devices) => {
        this.batches.push(devices.length);
        this.happened.push(`stores ${devices.length}`);
        return devices.map((device) => {
          const former = this.devices.get(key(device.tenant, device.id));
          this.devices.set(key(device.tenant, device.id), former ? { ...former, details: device.details } : device);
          return former ? 'updated' : 'registered';
        });
      },
      find: async (tenant, id) => this.devices.get(key(tenant, id)),
      listOf: async (tenant, after, limit) =>
        [...this.devices.values()].filter((each) => each.tenant === tenant && each.id > (after ?? '')).slice(0, limit),
      remove: async (tenant, id) => {
        this.happened.push(`removes ${id}`);
        return !this.devices.get(key(tenant, id))?.block && this.devices.delete(key(tenant, id));
      },
      setBlock: async (tenant, id, block) => {
        const { block: _, ...known } = this.devices.get(key(tenant, id)) ?? {};
        if (!('id' in known)) return undefined;
        this.happened.push(`${block ? 'blocks' : 'unblocks'} ${id}`);
        const device = { ...known, ...(block && { block }) } as Device;
        this.devices.set(key(tenant, id), device);
        return device;
      },
    };
    const known = new Set(['t1', 't2', 'management']);
    const world = { devices: registry, clock: new FixedClock(), audit: { record: (event: AuditEvent) => void (this.events.push(event), this.happened.push(event.what)) } };
    this.desk = new ManageDevices({
      ...world,
      sessions: {
        open: unused, close: unused, isOpen: unused, endByAnchor: unused, endByCertificate: unused, endByRules: unused, endByTenant: unused, endAll: unused, openOf: unused, count: unused, endTaken: unused, everywhere: unused, countOf: unused, hasDevice: unused,
        endByDevice: (tenant, id, why) => {
          this.happened.push(`ends ${tenant} ${id}${why ? ` as ${why}` : ''}`);
          return 1;
        },
      },
      certificates: { forget: async (tenant, id) => void this.happened.push(`forgets ${tenant} ${id}`) },
    });
    this.registration = new RegisterDevices({
      ...world,
      tenants: {
        create: unused, findByDomain: unused, list: unused, setStatus: unused, option: unused, setOption: unused,
        setOptions: unused, replaceOption: unused, removeOption: unused, listOptions: unused, optionsOf: unused,
        find: async (id) => (known.has(id) ? ({ id } as Tenant) : undefined),
      },
      objects: this.objects,
      identifiers: { next: () => `chance-${++this.ids}` },
      ...(mostRows !== undefined && { mostRows }),
    });
  }

  async register(tenant: TenantId, rows: Iterable<BulkRow>): Promise<BulkAnswer[]> {
    const answers: BulkAnswer[] = [];
    for await (const answer of this.registration.register(tenant, from(rows), 'admin')) answers.push(answer);
    return answers;
  }
}

async function* from(rows: Iterable<BulkRow>): AsyncGenerator<BulkRow> {
  yield* rows;
}

const aRow = (line: number, cells: Record<string, string> = {}): BulkRow => ({
  line,
  cells: { ID: `d-${line}`, AUTH_TYPE: 'CERTIFICATES', ...cells },
});
const rowsUpTo = (lines: number): BulkRow[] => Array.from({ length: lines }, (_, i) => aRow(i + 2));

describe('Registering devices by bulk', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });

  it('makes a device of each row and answers in the order of the file', async () => {
    const answers = await world.register(T1, [aRow(2, { NAME: 'Press' }), aRow(3)]);
    expect(answers).toEqual([
      { line: 2, id: 'd-2', result: 'registered', device: 'd-2' },
      { line: 3, id: 'd-3', result: 'registered', device: 'd-3' },
    ]);
    expect(world.devices.get('t1 d-2')).toEqual({
      tenant: 't1', id: 'd-2', registeredBy: 'bulk', registeredAt: NOW, details: { NAME: 'Press' },
    });
  });

  it('C04 updates a device that is there already', async () => {
    await world.register(T1, [aRow(2, { NAME: 'old' })]);
    expect(await world.register(T1, [aRow(2, { NAME: 'new' })])).toEqual([{ line: 2, id: 'd-2', result: 'updated', device: 'd-2' }]);
    expect(world.devices.get('t1 d-2')?.details).toEqual({ NAME: 'new' });
  });

  it('lets no bad row spoil another, whatever is wrong with it', async () => {
    const answers = await world.register(T1, [
      aRow(2),
      aRow(3, { AUTH_TYPE: 'BASIC' }),
      { line: 4, unreadable: { code: 'bulk.ragged-row' } },
      aRow(5, { ID: '' }),
      aRow(6),
    ]);
    expect(answers.map((each) => (each.result === 'failed' ? each.refusal.code : each.result))).toEqual([
      'registered', 'bulk.auth-type', 'bulk.ragged-row', 'bulk.id-missing', 'registered',
    ]);
    expect(answers.map(({ line, id }) => [line, id])).toEqual([[2, 'd-2'], [3, 'd-3'], [4, ''], [5, ''], [6, 'd-6']]);
    expect([...world.devices.keys()]).toEqual(['t1 d-2', 't1 d-6']);
  });

  it('C04 refuses an id that stands in the file twice, and names both lines', async () => {
    const [first, second] = await world.register(T1, [aRow(2, { ID: 'same' }), aRow(9, { ID: 'same' })]);
    expect(first?.result).toBe('registered');
    expect(second).toEqual({
      line: 9, id: 'same', result: 'failed', refusal: { code: 'bulk.duplicate-id', evidence: { 'first line': 2, 'second line': 9 } },
    });
  });

  it('C04 remembers ids over batches', async () => {
    const answers = await world.register(T1, [...rowsUpTo(1200), aRow(1300, { ID: 'd-2' })]);
    expect(answers.at(-1)).toMatchObject({ refusal: { code: 'bulk.duplicate-id', evidence: { 'first line': 2, 'second line': 1300 } } });
  });

  it('C04 takes ids that differ in case for different devices', async () => {
    const answers = await world.register(T1, [aRow(2, { ID: 'press' }), aRow(3, { ID: 'Press' })]);
    expect(answers.map((each) => each.result)).toEqual(['registered', 'registered']);
  });

  it('takes the good one of two rows of one id when the first is bad', async () => {
    const answers = await world.register(T1, [aRow(2, { ID: 'same', AUTH_TYPE: 'BASIC' }), aRow(3, { ID: 'same' })]);
    expect(answers.map((each) => each.result)).toEqual(['failed', 'registered']);
  });

  it('cuts the id of a failed row to 254 characters', async () => {
    const [answer] = await world.register(T1, [aRow(2, { ID: 'x'.repeat(4000) })]);
    expect(answer).toMatchObject({ id: 'x'.repeat(254), refusal: { code: 'identity.length' } });
  });

  it('stores in batches of 500, and answers none of a batch before it is stored', async () => {
    for await (const { line } of world.registration.register(T1, from(rowsUpTo(1001)), 'admin')) {
      expect(world.devices.has(`t1 d-${line}`)).toBe(true);
    }
    expect(world.batches).toEqual([500, 500, 1]);
  });

  it('reads no faster than its answers are taken', async () => {
    let read = 0;
    const counted = (async function* () {
      for (const row of rowsUpTo(2000)) {
        read += 1;
        yield row;
      }
    })();
    const answers = world.registration.register(T1, counted, 'admin')[Symbol.asyncIterator]();
    await answers.next();
    expect(read).toBe(500);
    await answers.return?.();
    expect(read).toBe(500);
  });

  it('C06 keeps whole batches, loses the rest and writes down both when the file breaks off', async () => {
    const broken = (async function* () {
      yield* rowsUpTo(700);
      throw new Error('connection cut');
    })();
    const lines: number[] = [];
    await expect(async () => {
      for await (const { line } of world.registration.register(T1, broken, 'admin')) lines.push(line);
    }).rejects.toThrow('connection cut');
    expect(lines).toHaveLength(500);
    expect(world.devices.size).toBe(500);
    expect(world.events).toEqual([{ what: 'devices.imported', tenant: 't1', by: 'admin', subject: '500 registered, 0 updated, 0 failed' }]);
    const again = await world.register(T1, rowsUpTo(700));
    expect(again.map((each) => each.result).filter((result) => result === 'updated')).toHaveLength(500);
  });

  it('C04 reads as many rows as memory is meant for, and says at which line it stopped', async () => {
    const small = new World(3);
    const answers = await small.register(T1, rowsUpTo(5));
    expect(answers.map((each) => each.line)).toEqual([2, 3, 4, 5]);
    expect(answers[3]).toMatchObject({ refusal: { code: 'bulk.too-many-rows', evidence: { 'first line not read': 5 } } });
    expect(small.devices.size).toBe(3);
    expect(await new World(3).register(T1, rowsUpTo(3))).toHaveLength(3);
  });

  it('writes down how many rows became what', async () => {
    await world.register(T1, [aRow(2)]);
    await world.register(T1, [aRow(2), aRow(3), aRow(4, { AUTH_TYPE: 'BASIC' })]);
    expect(world.events.at(-1)).toEqual({
      what: 'devices.imported', tenant: 't1', by: 'admin', subject: '1 registered, 1 updated, 1 failed',
    });
  });
});

describe('The column TENANT', () => {
  const refusal = (tenant: string, of: string) => ({
    result: 'failed', refusal: { code: 'bulk.tenant', evidence: { TENANT: `'${tenant}'`, 'tenant of the upload': of } },
  });

  it('T10 is refused when it names another tenant than the uploader’s', async () => {
    const world = new World();
    const [other, own] = await world.register(T1, [aRow(2, { TENANT: 't2' }), aRow(3, { TENANT: 't1' })]);
    expect(other).toMatchObject(refusal('t2', 't1'));
    expect(own?.result).toBe('registered');
    expect([...world.devices.keys()]).toEqual(['t1 d-3']);
  });

  it('says where the device goes when the management tenant uploads', async () => {
    const world = new World();
    const answers = await world.register(MANAGEMENT, [
      aRow(2, { TENANT: 't1', ID: 'same' }), aRow(3, { TENANT: 't2', ID: 'same' }), aRow(4, { TENANT: 't1', ID: 'same' }),
    ]);
    expect(answers.map((each) => each.result)).toEqual(['registered', 'registered', 'failed']);
    expect(answers[2]).toMatchObject({ refusal: { code: 'bulk.duplicate-id', evidence: { 'first line': 2, 'second line': 4 } } });
    expect([...world.devices.keys()]).toEqual(['t1 same', 't2 same']);
    expect(world.events.map((event) => 'by' in event && [event.tenant, event.subject])).toEqual([
      ['management', '0 registered, 0 updated, 1 failed'],
      ['t1', '1 registered, 0 updated, 0 failed'],
      ['t2', '1 registered, 0 updated, 0 failed'],
    ]);
  });

  it.each([['t9', 'does not exist'], ['', 'is empty'], ['management', 'is the management tenant itself']])(
    'is refused when the management tenant uploads and it names %j, which %s',
    async (named) => {
      const world = new World();
      const [answer] = await world.register(MANAGEMENT, [aRow(2, { TENANT: named })]);
      expect(answer).toMatchObject(refusal(named, 'management'));
      expect(world.devices.size).toBe(0);
    },
  );
});

describe('A device of a tenant', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    await world.register(T1, rowsUpTo(3));
    world.happened.length = 0;
  });

  it('is found by its id in its tenant only', async () => {
    expect(await world.desk.find(T1, 'd-2')).toMatchObject({ granted: true, value: { id: 'd-2' } });
    const unknown = { granted: false, refusal: { code: 'registration.unknown-device', evidence: { id: 'd-2' } } };
    expect(await world.desk.find('t2' as TenantId, 'd-2')).toEqual(unknown);
  });

  it.each(['D-2', 'd/2', '', 'x'.repeat(300)])('is not found by %j', async (id) => {
    expect(await world.desk.find(T1, id)).toMatchObject({ refusal: { code: 'registration.unknown-device' } });
  });

  it('is listed page by page', async () => {
    const ids = async (after: string | undefined, limit: number) => (await world.desk.list(T1, after, limit)).map(({ id }) => id);
    expect(await ids(undefined, 2)).toEqual(['d-2', 'd-3']);
    expect(await ids('d-3', 2)).toEqual(['d-4']);
    expect(await ids('no/id', 2)).toEqual([]);
    expect(await ids(undefined, 0)).toEqual(['d-2']);
  });

  it('A05 is removed first, then its session ends, then it is written down', async () => {
    expect(await world.desk.remove(T1, 'd-2', 'admin')).toEqual({ granted: true, value: undefined });
    expect(world.happened).toEqual(['forgets t1 d-2', 'removes d-2', 'ends t1 d-2', 'device.removed']);
    expect(world.events.at(-1)).toEqual({ what: 'device.removed', tenant: 't1', by: 'admin', subject: 'd-2', sessionsEnded: 1 });
    expect(await world.desk.find(T1, 'd-2')).toMatchObject({ granted: false });
  });

  it.each(['d-9', 'a/b'])('is not removed when there is none: %s', async (id) => {
    expect(await world.desk.remove(T1, id, 'admin')).toEqual({
      granted: false, refusal: { code: 'registration.unknown-device', evidence: { id } },
    });
    expect(world.happened.filter((each) => each.startsWith('ends'))).toEqual([]);
  });

  it('is blocked first, then its session ends, then it is written down with the reason', async () => {
    const block = { reason: 'stolen', by: 't1/ada', at: NOW };
    expect(await world.desk.block(T1, 'd-2', 'stolen', 't1/ada')).toMatchObject({ granted: true, value: { id: 'd-2', block } });
    expect(world.happened).toEqual(['blocks d-2', 'ends t1 d-2 as device-blocked', 'device.blocked']);
    expect(world.events.at(-1)).toEqual({ what: 'device.blocked', tenant: 't1', by: 't1/ada', subject: 'd-2', reason: 'stolen', sessionsEnded: 1 });
  });

  it('stays blocked when a bulk file names it again, and gets its details all the same', async () => {
    await world.desk.block(T1, 'd-2', 'stolen', 'admin');
    expect((await world.register(T1, [aRow(2, { NAME: 'Press' })])).map(({ result }) => result)).toEqual(['updated']);
    expect(await world.desk.find(T1, 'd-2')).toMatchObject({ value: { block: { reason: 'stolen' }, details: { NAME: 'Press' } } });
  });

  it('A05 is not removed while it is blocked, for it could come back by registering anew', async () => {
    await world.desk.block(T1, 'd-2', 'stolen', 'admin');
    expect(await world.desk.remove(T1, 'd-2', 'admin')).toEqual({
      granted: false, refusal: { code: 'registration.block-stays', evidence: { reason: 'stolen' } },
    });
    expect(world.events.at(-1)?.what).toBe('device.blocked');
  });

  it('is let in again, which is written down once', async () => {
    await world.desk.block(T1, 'd-2', 'stolen', 'admin');
    const free = await world.desk.unblock(T1, 'd-2', 'admin');
    expect(free).toMatchObject({ granted: true, value: { id: 'd-2' } });
    expect(await world.desk.unblock(T1, 'd-2', 'admin')).toEqual(free);
    expect(free.granted && free.value.block).toBeUndefined();
    expect(world.events.filter(({ what }) => what === 'device.unblocked')).toEqual([{ what: 'device.unblocked', tenant: 't1', by: 'admin', subject: 'd-2' }]);
  });

  it.each(['d-9', 'a/b'])('is neither blocked nor unblocked when there is none: %s', async (id) => {
    const unknown = { granted: false, refusal: { code: 'registration.unknown-device', evidence: { id } } };
    expect([await world.desk.block(T1, id, 'stolen', 'admin'), await world.desk.unblock(T1, id, 'admin')]).toEqual([unknown, unknown]);
    expect(world.happened).toEqual([]);
  });

  it('is not blocked without a reason that can be shown', async () => {
    expect(await world.desk.block(T1, 'd-2', 'two\nlines', 'admin')).toEqual({
      granted: false, refusal: { code: 'registration.block-reason', evidence: { characters: 9, most: 256 } },
    });
    expect(world.happened).toEqual([]);
  });

});
