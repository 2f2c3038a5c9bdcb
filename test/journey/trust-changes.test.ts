/** What an operator changes is in force when the answer is there: at the door, for live sessions, and for tokens at the HTTP API. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWith, enter, knock, refusalIn, tokenOf, type Call, type Connected } from '../support/clients.ts';
import { belowRoot, OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate, type Operator } from '../support/operated-gate.ts';

const STATED_MS = 2_000; // D-14
const pki = new OpensslPki();
let count = 0;

/** A device with its own root, which is trusted by nobody yet. */
const aStranger = (id = `press-${++count}`): Issued => pki.device(pki.intermediate(pki.root(`/CN=Root ${++count}`), '/CN=Intermediate'), `/CN=${id}`);
const rootOf = (leaf: Issued): Issued => leaf.path.at(-1)!;
const idOf = (leaf: Issued): string => leaf.subject.replace('/CN=', '');

describeWith('openssl')('trust changes', () => {
  let gate: OperatedGate;
  let b: Operator;
  beforeAll(async () => {
    gate = await anOperatedGate();
    b = await gate.tenant('b');
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });

  const call = (leaf: Issued): Call => ({
    ...{ port: gate.mqtts[0]!, caFile: gate.caFile, certFile: pki.chainFile(belowRoot(leaf).chain), keyFile: leaf.keyFile },
    ...{ clientId: idOf(leaf), version: 5 },
  });
  const admitted = async (of: Operator, leaf = aStranger()): Promise<Connected & { readonly leaf: Issued }> => {
    await of.trusts(rootOf(leaf));
    return { ...(await enter(call(leaf))), leaf };
  };
  const currentUser = async (jwt: string): Promise<number> => {
    const { status, body } = await fetch(`http://127.0.0.1:${gate.http}/user/currentUser`, { headers: { authorization: `Bearer ${jwt}` } });
    await body?.cancel();
    return status;
  };
  /** The DISCONNECT, if it came within the time that D-14 states. */
  const goodbyeOf = async ({ gone }: Connected): Promise<readonly [number | undefined, string] | 'still there'> => {
    const goodbye = await Promise.race([gone, pause(STATED_MS, 'still there' as const)]);
    return goodbye === 'still there' ? goodbye : [goodbye?.reasonCode, refusalIn(goodbye?.properties?.reasonString ?? '')];
  };
  const alive = async (device: Connected): Promise<boolean> => (await tokenOf(device)).length > 0;

  /** Each ends the trust by which one device was admitted. */
  const withdrawals = [
    ['its CA is disabled', 'session.anchor-withdrawn', 'tenant.anchor-disabled at depth 2', (leaf: Issued) => gate.main.changes(rootOf(leaf), { status: 'DISABLED' })],
    ['its CA is no longer trusted', 'session.anchor-withdrawn', 'tenant.no-anchor-found', (leaf: Issued) => gate.main.stopsTrusting(rootOf(leaf))],
  ] as const;
  it.each(withdrawals)('T12 when %s, the live session ends with 0x87 within 2 s, and the door is closed at once', async (_what, ending, refusal, withdraw) => {
    const device = await admitted(gate.main);
    const other = await admitted(gate.main);
    await withdraw(device.leaf);
    const refused = await knock(call(device.leaf));
    expect([refused.code, refusalIn(refused.reason)]).toEqual([0x87, refusal]);
    expect(await goodbyeOf(device)).toEqual([0x87, ending]);
    expect(await alive(other)).toBe(true);
    await other.client.endAsync();
  });

  it('T12 a CA disabled in A closes the sessions of A, and leaves those of B alone', async () => {
    const [inA, inB] = [await admitted(gate.main), await admitted(b)];
    await gate.main.changes(rootOf(inA.leaf), { status: 'DISABLED' });
    expect(await goodbyeOf(inA)).toEqual([0x87, 'session.anchor-withdrawn']);
    expect(await alive(inB)).toBe(true);
    await inB.client.endAsync();
    expect((await knock(call(inB.leaf))).code).toBe(0);
  });

  it('J06 a token is dead at the HTTP API once its CA is disabled, and lives again with it', async () => {
    const device = await admitted(gate.main);
    const jwt = await tokenOf(device);
    expect(await currentUser(jwt)).toBe(200);
    await gate.main.changes(rootOf(device.leaf), { status: 'DISABLED' });
    expect(await currentUser(jwt)).toBe(401);
    await device.gone;
    await gate.main.changes(rootOf(device.leaf), { status: 'ENABLED' });
    expect(await currentUser(jwt)).toBe(200);
  });

  it('J06 a token is dead at the HTTP API once its CA is no longer trusted', async () => {
    const device = await admitted(gate.main);
    const jwt = await tokenOf(device);
    await gate.main.stopsTrusting(rootOf(device.leaf));
    expect(await currentUser(jwt)).toBe(401);
    await device.gone;
  });

  it('J06 a token is dead at the HTTP API once its device is removed, whose session ends', async () => {
    const device = await admitted(gate.main);
    const jwt = await tokenOf(device);
    await gate.main.forgets(idOf(device.leaf));
    expect(await currentUser(jwt)).toBe(401);
    expect(await goodbyeOf(device)).toEqual([0x87, 'session.device-removed']);
    // A05: it may register itself anew; whoever stole the former token gains nothing by that.
    const again = await enter(call(device.leaf));
    expect([await currentUser(jwt), await currentUser(await tokenOf(again))]).toEqual([401, 200]);
    await again.client.endAsync();
  });

  it('J06 T13 a token is dead at the HTTP API once its tenant is suspended, whose sessions end and whose devices are refused', async () => {
    const device = await admitted(await gate.tenant('closing'));
    const jwt = await tokenOf(device);
    expect(await currentUser(jwt)).toBe(200);
    await gate.suspend('closing');
    expect(await currentUser(jwt)).toBe(401);
    expect(await goodbyeOf(device)).toEqual([0x87, 'session.tenant-suspended']);
    const refused = await knock(call(device.leaf));
    expect([refused.code, refusalIn(refused.reason)]).toEqual([0x87, 'tenant.suspended']);
  });

  describe('two tenants', () => {
    it('T03 T05 with one device id each have two devices: both live at once, each with a token of its own tenant, and one is removed without the other', async () => {
      const [inA, inB] = [await admitted(gate.main, aStranger('twin')), await admitted(b, aStranger('twin'))];
      const claims = [await tokenOf(inA), await tokenOf(inB)].map((jwt) => JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString()) as object);
      expect(claims).toEqual([expect.objectContaining({ ten: 'main', iss: 'localhost' }), expect.objectContaining({ ten: 'b', iss: 'b.localhost' })]);
      await gate.main.forgets('twin');
      expect(await goodbyeOf(inA)).toEqual([0x87, 'session.device-removed']);
      expect(await alive(inB)).toBe(true);
      await inB.client.endAsync();
      expect([(await gate.main.devices()).includes('twin'), (await b.devices()).includes('twin')]).toEqual([false, true]);
    });

    it('T09 see their own devices only, and those of the other as little as those of nobody', async () => {
      const inA = await admitted(gate.main);
      await inA.client.endAsync();
      const id = idOf(inA.leaf);
      expect([(await gate.main.devices()).includes(id), (await b.devices()).includes(id)]).toEqual([true, false]);
      const [others, nobodys] = [await b.call(`/fleetgate/devices/${id}`), await b.call('/fleetgate/devices/nobody')];
      expect([others.status, (await others.text()).replaceAll(id, 'nobody')]).toEqual([404, await nobodys.text()]);
    });

    it('T04 a device that names another tenant as its user stays a device of its own', async () => {
      const leaf = aStranger();
      await gate.main.trusts(rootOf(leaf));
      expect((await knock({ ...call(leaf), userName: `b/${idOf(leaf)}` })).code).toBe(0);
      expect([(await gate.main.devices()).includes(idOf(leaf)), (await b.devices()).includes(idOf(leaf))]).toEqual([true, false]);
    });

    it('T01 cannot both trust one CA while sharing is off', async () => {
      const root = pki.root('/CN=Contested Root');
      await gate.main.trusts(root);
      await expect(b.trusts(root)).rejects.toThrow(/^409 instead of 201/);
    });
  });
});

describeWith('openssl')('one CA in two tenants, with FLEETGATE_SHARED_TRUST=on', () => {
  const own = new OpensslPki();
  let gate: OperatedGate;
  let b: Operator;
  let asked: Call;
  beforeAll(async () => {
    gate = await anOperatedGate({ env: { FLEETGATE_SHARED_TRUST: 'on' } });
    b = await gate.tenant('b');
    const root = own.root('/CN=Shared Root');
    const leaf = own.device(root, '/CN=shared-7');
    await gate.main.trusts(root);
    await b.trusts(root);
    asked = { port: gate.mqtts[0]!, caFile: gate.caFile, certFile: leaf.file, keyFile: leaf.keyFile, clientId: 'shared-7', version: 5 };
  });
  afterAll(async () => {
    await gate?.remove();
    own.remove();
  });

  it('T01 the device is refused as ambiguous, 5 in MQTT 3.1.1 and 0x87 in MQTT 5, and is registered in neither', async () => {
    const [old, current] = [await knock({ ...asked, version: 4 }), await knock(asked)];
    expect([old.code, current.code, refusalIn(current.reason)]).toEqual([5, 0x87, 'tenant.ambiguous']);
    expect([await gate.main.devices(), await b.devices()]).toEqual([[], []]);
  });
  it('T01 a user name that names a tenant without the CA solves nothing', async () => {
    await gate.tenant('c');
    expect((await knock({ ...asked, userName: 'c' })).code).toBe(0x87);
  });
  it.each(['b', 'b/shared-7', 'b/'])('T01 the user name %s chooses tenant b', async (userName) => {
    const device = await enter({ ...asked, userName });
    const claims = JSON.parse(Buffer.from((await tokenOf(device)).split('.')[1]!, 'base64url').toString()) as { ten: string };
    await device.client.endAsync();
    expect([claims.ten, await gate.main.devices(), await b.devices()]).toEqual(['b', [], ['shared-7']]);
  });
  it('T12 it stays in the other tenant when one of them disables the CA, and is no longer ambiguous', async () => {
    const shared = (await (await b.call('/tenant/tenants/b/trusted-certificates')).json()) as { certificates: { fingerprint: string }[] };
    const device = await enter({ ...asked, userName: 'main' });
    await b.changes({ pem: '', fingerprint: shared.certificates[0]!.fingerprint }, { status: 'DISABLED' });
    expect((await tokenOf(device)).length).toBeGreaterThan(0);
    await device.client.endAsync();
    expect((await knock(asked)).code).toBe(0);
  });
});
