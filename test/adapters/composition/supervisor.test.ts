import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { endOf } from '../../../src/adapters/composition/workers/fork-worker.ts';
import { portSettings } from '../../../src/adapters/composition/workers/shared-ports.ts';
import { Supervisor, type Ended, type WorkerProcess } from '../../../src/adapters/composition/workers/supervisor.ts';
import type { FromWorker, ToWorker } from '../../../src/adapters/composition/workers/worker-seat.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A supervisor of processes that are made up: each does as the test says. */
function aHouse({ count = 2, againMs = 1, steadyMs = 60_000, isDeaf = false } = {}) {
  const events: string[] = [];
  const born: { number: number; listening: readonly string[] | undefined; say: (message: FromWorker) => void; die: (ended: Ended) => void }[] = [];
  const waiting: (() => void)[] = [];
  const fork = (number: number, listening: readonly string[] | undefined): WorkerProcess => {
    const { promise: ended, resolve: die } = Promise.withResolvers<Ended>();
    let say = (_: FromWorker): void => undefined;
    born.push({ number, listening, say: (message) => say(message), die });
    events.push(`fork ${number}`);
    for (const look of waiting.splice(0)) look();
    return {
      pid: 1000 + born.length,
      ended,
      send: (message: ToWorker) => {
        events.push(`${message.kind} ${number}`);
        if (message.kind === 'end' && !isDeaf) die({ code: 0, signal: null });
      },
      hear: (listener) => (say = listener),
      kill: (signal) => {
        events.push(`${signal} ${number}`);
        if (signal === 'SIGKILL') die({ code: null, signal });
      },
    };
  };
  const log = { info: () => undefined, warn: () => undefined, error: (facts: object) => void events.push(`died ${JSON.stringify(facts)}`) };
  const supervisor = new Supervisor({ count, fork, log, times: { againMs, steadyMs, longestAgainMs: 8 } });
  const bornAfter = async (n: number): Promise<void> => {
    while (born.length < n) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const started = async (): Promise<void> => {
    const all = supervisor.start();
    born[0]!.say({ kind: 'ready', listening: ['mqtts://[::]:8883'] });
    await turn();
    for (const { say } of born.slice(1)) say({ kind: 'ready', listening: ['mqtts://[::]:8883'] });
    await all;
  };
  return { supervisor, events, born, bornAfter, started };
}

describe('The supervisor', () => {
  it('starts the first worker alone, and the others with the ports that it got', async () => {
    const { supervisor, born, events } = aHouse({ count: 3 });
    const started = supervisor.start();
    expect(events).toEqual(['fork 1']);
    born[0]!.say({ kind: 'ready', listening: ['mqtts://[::]:4711'] });
    await turn();
    expect(events).toEqual(['fork 1', 'fork 2', 'fork 3']);
    expect(born.map(({ listening }) => listening)).toEqual([undefined, ['mqtts://[::]:4711'], ['mqtts://[::]:4711']]);
    born[1]!.say({ kind: 'ready', listening: [] });
    born[2]!.say({ kind: 'ready', listening: [] });
    expect((await started).listening).toEqual(['mqtts://[::]:4711']);
    expect(await supervisor.stop(1_000)).toBe(0);
  });

  it('does not start where one does not come up, and leaves none behind', async () => {
    const { supervisor, born, events } = aHouse();
    const started = supervisor.start();
    born[0]!.say({ kind: 'ready', listening: [] });
    await turn();
    born[1]!.die({ code: 2, signal: null });
    await expect(started).rejects.toMatchObject({ code: 2, message: 'worker 2 did not start (code 2)' });
    expect(events.at(-1)).toBe('SIGKILL 1');
  });

  it('F01 starts again what dies, with one line for each death, later and later', async () => {
    const { supervisor, born, bornAfter, events, started } = aHouse();
    await started();
    for (let i = 0; i < 5; i++) {
      born.at(-1)!.die({ code: null, signal: 'SIGKILL' });
      await bornAfter(3 + i);
    }
    const deaths = events.filter((event) => event.startsWith('died')).map((event) => JSON.parse(event.slice(5)) as { worker: number; restartInMs: number });
    expect(deaths.map(({ worker, restartInMs }) => [worker, restartInMs])).toEqual([[2, 1], [2, 2], [2, 4], [2, 8], [2, 8]]);
    expect(events.filter((event) => event === 'fork 1')).toHaveLength(1);
    await supervisor.stop(1_000);
  });

  it('starts at once again what had lived for long', async () => {
    const { supervisor, born, bornAfter, events, started } = aHouse({ steadyMs: 0 });
    await started();
    for (let i = 0; i < 3; i++) {
      born.at(-1)!.die({ code: 1, signal: null });
      await bornAfter(3 + i);
    }
    expect(events.filter((event) => event.includes('"restartInMs":1}')).length).toBe(3);
    await supervisor.stop(1_000);
  });

  it('F03 asks all to end and starts nobody again', async () => {
    const { supervisor, events, started } = aHouse();
    await started();
    expect(await supervisor.stop(1_000)).toBe(0);
    await turn();
    expect(events.slice(2)).toEqual(['end 1', 'end 2']);
  });

  it('F03 kills whoever does not end in time, and says so by its code', async () => {
    const { supervisor, events, started } = aHouse({ isDeaf: true });
    await started();
    expect(await supervisor.stop(1)).toBe(1);
    expect(events.slice(-2)).toEqual(['SIGKILL 1', 'SIGKILL 2']);
  });

  it('passes what a worker tells on to all others, and not back to it', async () => {
    const { supervisor, born, events, started } = aHouse({ count: 3 });
    await started();
    events.length = 0;
    born[1]!.say({ kind: 'told', topic: 'login', word: 1 });
    expect(events).toEqual(['told 1', 'told 3']);
    await supervisor.stop(1_000);
  });

  it('passes SIGHUP on', async () => {
    const { supervisor, events, started } = aHouse();
    await started();
    supervisor.signal('SIGHUP');
    expect(events.slice(-2)).toEqual(['SIGHUP 1', 'SIGHUP 2']);
    await supervisor.stop(1_000);
  });
});

describe('The end of a worker', () => {
  it('F01 is what came first, and a second error of it does not end the supervisor', async () => {
    const child = new EventEmitter();
    const ended = endOf(child as never);
    child.emit('error', new Error('it could not be started'));
    child.emit('error', new Error('it could not be ended'));
    child.emit('exit', 3, null);
    expect(await ended).toEqual({ code: 1, signal: null });
  });

  it('is its exit where there was no error', async () => {
    const child = new EventEmitter();
    const ended = endOf(child as never);
    child.emit('exit', null, 'SIGKILL');
    expect(await ended).toEqual({ code: null, signal: 'SIGKILL' });
  });
});

describe('The ports of a further worker', () => {
  it('are those that the first one got, by the names of the settings', () => {
    const listening = ['mqtts://[::]:1', 'mqtts://[::]:2', 'mqtt://[::]:3', 'https://[::]:4', 'https://[::]:5', 'http://127.0.0.1:6'];
    expect(portSettings(listening, { mqttTlsPorts: [0, 0], mqttTcpPort: 0, httpsPort: 0, mtlsPort: 0, httpPort: 0 })).toEqual({
      ...{ FLEETGATE_MQTT_TLS_PORTS: '1,2', FLEETGATE_MQTT_TCP_PORT: '3', FLEETGATE_HTTPS_PORT: '4' },
      ...{ FLEETGATE_MTLS_PORT: '5', FLEETGATE_HTTP_PORT: '6' },
    });
  });

  it('leave out what is off', () => {
    expect(portSettings(['mqtts://[::]:1', 'https://[::]:5'], { mqttTlsPorts: [0], mtlsPort: 0 } as never)).toEqual({ FLEETGATE_MQTT_TLS_PORTS: '1', FLEETGATE_MTLS_PORT: '5' });
  });
});
