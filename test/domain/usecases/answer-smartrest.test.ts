import { beforeEach, describe, expect, it } from '@jest/globals';
import { InMemoryObjectStore } from '../../../src/adapters/in-memory/in-memory-object-store.ts';
import { emptyState } from '../../../src/adapters/in-memory/in-memory-state.ts';
import { AnswerSmartrest, LONGEST_REPLY, MOST_WORKED_ON } from '../../../src/domain/usecases/answer-smartrest.ts';
import { KeepDeviceObjects } from '../../../src/domain/usecases/keep-device-objects.ts';
import type { SmartrestAnswer, SmartrestMessage } from '../../../src/ports/driving/smartrest-desk.ts';
import { aDeviceId, anObject, aTenantId, FixedClock } from '../../support/certificate-builders.ts';

const device = { tenant: aTenantId(), device: aDeviceId() };
const SERIAL = { type: 'c8y_Serial', externalId: 'press-7' };
const NO_OBJECT = 'This device has no managed object yet. Send 100,<name>,<type> first.';

describe('By SmartREST a device', () => {
  let objects: InMemoryObjectStore;
  let keeper: KeepDeviceObjects;
  let desk: AnswerSmartrest;
  beforeEach(() => {
    objects = new InMemoryObjectStore({ state: emptyState() });
    let ids = 0;
    keeper = new KeepDeviceObjects({ objects, clock: new FixedClock(), identifiers: { next: () => `id-${++ids}` } });
    desk = new AnswerSmartrest({ objects: keeper });
  });

  const ask = (text: string, wish: Partial<SmartrestMessage> = {}, of = desk): Promise<SmartrestAnswer> =>
    of.answer({ device, payload: new TextEncoder().encode(text), isAboutChild: false, mayWork: () => true, ...wish });
  const repliesTo = async (text: string): Promise<readonly string[]> => (await ask(text)).replies.map(({ topic, payload }) => `${topic} ${payload}`);
  const own = async () => (await objects.findByExternalId(device.tenant, SERIAL))!;

  it('D-38 introduces itself in silence, and the second time is told that it is there', async () => {
    expect(await ask('100,Press 7,press')).toEqual({ replies: [], dropped: 0 });
    expect(await own()).toMatchObject({ name: 'Press 7', type: 'press', owner: 'device_press-7' });
    expect(await repliesTo('100,Another,name')).toEqual(['s/e 41,100,Device already existing']);
    expect(await own()).toMatchObject({ name: 'Press 7', type: 'press' });
  });

  it('asks for the id of its object and gets the one it has', async () => {
    await ask('100,Press 7,press');
    expect(await repliesTo('123')).toEqual([`s/ds 124,${(await own()).id}`]);
  });

  it.each(['123', '105', '114,c8y_Restart'])('D-38 that sends %s before it introduced itself is told to do so, and nothing is made up', async (line) => {
    expect(await repliesTo(line)).toEqual([`s/e ${['50', line.slice(0, 3), `"${NO_OBJECT}"`].join(',')}`]);
    expect(await own()).toBeUndefined();
  });

  it('asks for its children and gets their serials, none at first', async () => {
    await ask('100,Press 7,press');
    expect(await repliesTo('105')).toEqual(['s/ds 106']);
    for (const [i, name] of ['arm', 'a,b'].entries()) {
      const child = anObject({ id: `90000000000000${i}` as never, owner: 'device_press-7' });
      await objects.add(child, { externalIds: [{ type: 'c8y_Serial', externalId: name }], parent: { id: (await own()).id, kind: 'childDevices' } });
    }
    expect((await repliesTo('105'))[0]).toMatch(/^s\/ds 106,(arm,"a,b"|"a,b",arm)$/);
  });

  it('is told that its children do not fit into one message, instead of getting a part of them', async () => {
    const many = { ...keeperOf(keeper), childrenOf: async () => Array(LONGEST_REPLY / 10).fill('child-0007') };
    const fits = { ...many, childrenOf: async () => Array((LONGEST_REPLY - 3) / 11 | 0).fill('child-0007') };
    await ask('100,Press 7,press');
    expect((await ask('105', {}, new AnswerSmartrest({ objects: many }))).replies).toEqual([{ topic: 's/e', payload: '50,105,There are too many child devices for one message.' }]);
    expect((await ask('105', {}, new AnswerSmartrest({ objects: fits }))).replies[0]!.payload).toMatch(/^106,child-0007/);
  });

  it('says what it can do, each fragment replacing the one before, in silence', async () => {
    const message = '100,Press 7,press\n114,c8y_Restart\n117,10\n110,4711,M2,3\n500\n400,x,y\n114,c8y_Command';
    expect(await ask(message)).toEqual({ replies: [], dropped: 0 });
    expect((await own()).fragments).toMatchObject({
      c8y_SupportedOperations: ['c8y_Command'],
      c8y_RequiredAvailability: { responseInterval: 10 },
      c8y_Hardware: { serialNumber: '4711', model: 'M2', revision: '3' },
    });
  });

  it('that says more of itself than an object may hold is told so, and what was there stays', async () => {
    await ask('100,Press 7,press\n113,small');
    await ask(`122,${'x'.repeat(9_000)}`);
    expect(await repliesTo(`113,${'x'.repeat(9_000)}`)).toEqual(['s/e 50,113,Not kept: it is more than one managed object may hold (D-33).']);
    expect((await own()).fragments).toMatchObject({ c8y_Configuration: { config: 'small' } });
  });

  it.each([
    ['999,x', '40,999,No template for this message id'],
    ['"9,9"', '40,"9,9",No template for this message id'],
    ['117,soon', '50,117,"Not understood: expected is 117,<minutes as a whole number>."'],
    ['113,"a', '50,113,"Line 1 and what follows it was not read: a quote opens at the start of a cell only, is doubled inside, and closes before the comma."'],
  ])('that sends %j is told what is wrong', async (line, reply) => {
    expect(await repliesTo(line)).toEqual([`s/e ${reply}`]);
  });

  it('that breaks a quote has no line behind it worked on, and those before it are', async () => {
    await ask('100,Press 7,press');
    expect(await repliesTo('123\n113,"a" b\n999\n114,evil')).toEqual([expect.stringMatching(/^s\/ds 124,/), expect.stringMatching(/^s\/e 50,113,"?Line 2 /)]);
    expect((await own()).fragments).not.toHaveProperty('c8y_SupportedOperations');
  });

  it.each(['', '\n\n', '500', '200,c8y_T,T,20\n301,x'])('that sends %j hears nothing, and nothing is worked on', async (text) => {
    expect(await ask(text, { mayWork: () => { throw new Error('not to be asked'); } })).toEqual({ replies: [], dropped: 0 });
  });

  it('that speaks about a child device changes nothing of its own', async () => {
    await ask('100,Press 7,press');
    const before = await own();
    expect(await ask('100,Arm,arm\n114,x\n123\n105\n117,soon', { isAboutChild: true })).toEqual({ replies: [], dropped: 0 });
    expect(await own()).toEqual(before);
  });

  it(`D-39 has ${MOST_WORKED_ON} lines of one message worked on; the rest is left out and counted`, async () => {
    await ask('100,Press 7,press');
    let asked = 0;
    const { replies, dropped } = await ask('123\n'.repeat(900), { mayWork: () => (asked += 1) > 0 });
    expect([replies.length, dropped, asked]).toEqual([MOST_WORKED_ON, 900 - MOST_WORKED_ON, MOST_WORKED_ON]);
  });

  it('D-39 has no more lines worked on than its connection may', async () => {
    await ask('100,Press 7,press');
    let left = 3;
    const { replies, dropped } = await ask('123\n500\n123\n114,x\n999\n123', { mayWork: () => (left -= 1) >= 0 });
    expect([replies.length, dropped]).toEqual([2, 2]);
  });

  it.each([
    ['introduce', '100,a,b'],
    ['objectOf', '123'],
    ['childrenOf', '105'],
    ['setFragments', '114,x'],
  ] as const)('hears of a store that is out of order in %s, the log too, and nothing behind it is worked on', async (method, line) => {
    await ask('100,Press 7,press');
    const broken = { ...keeperOf(keeper), [method]: () => Promise.reject(new Error('disk gone')) };
    expect(await ask(`${line}\n999`, {}, new AnswerSmartrest({ objects: broken }))).toEqual({
      replies: [{ topic: 's/e', payload: `50,${line.slice(0, 3)},Fleetgate cannot do this at the moment. Send it again later.` }],
      dropped: 0,
      failure: 'Error: disk gone',
    });
  });
});

const keeperOf = (keeper: KeepDeviceObjects) => ({
  introduce: keeper.introduce.bind(keeper),
  objectOf: keeper.objectOf.bind(keeper),
  childrenOf: keeper.childrenOf.bind(keeper),
  setFragments: keeper.setFragments.bind(keeper),
});
