/** A line to a server that can be made bad: slow, thin, dead, or cut at a chosen place. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface Faults {
  /** Each way. */
  readonly latencyMs?: number;
  /** Of what the server says. */
  readonly bytesPerSecond?: number;
  /** Nothing comes through, nothing is refused, and nothing ends. */
  readonly isBlackHole?: boolean;
  /** The line is reset after so many bytes from the server. */
  readonly cutAfter?: number;
  /** Asked for what the client sends: `before` resets the line instead of handing it on, `after` hands it on and the answer never comes. */
  readonly cutAt?: (sent: Buffer) => 'before' | 'after' | undefined;
}

export interface FaultProxy {
  readonly port: number;
  /** From now on; lines that are there already get worse too. */
  set(faults: Faults): void;
  readonly connections: number;
  /** Ends all lines at once, as a crash of the other side does. */
  resetAll(): void;
  close(): Promise<void>;
}

export async function aFaultProxy(to: number): Promise<FaultProxy> {
  let faults: Faults = {};
  const lines = new Set<Line>();
  const server = createServer((client) => {
    const line = lineOf(client, to, () => faults);
    lines.add(line);
    client.once('close', () => lines.delete(line));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    set: (next) => (faults = next),
    get connections() {
      return lines.size;
    },
    resetAll: () => lines.forEach(({ reset }) => reset()),
    close: async () => {
      lines.forEach(({ reset }) => reset());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Line {
  readonly reset: () => void;
}

function lineOf(client: Socket, to: number, faults: () => Faults): Line {
  const server = connect(to, '127.0.0.1');
  let isDeaf = false;
  let heard = 0;
  const reset = (): void => {
    client.resetAndDestroy();
    server.resetAndDestroy();
  };
  for (const [one, other] of [[client, server], [server, client]] as const) {
    one.setNoDelay(true);
    one.once('error', () => undefined);
    one.once('close', () => other.destroy());
  }
  const hand = inTurn(async (from: Socket, bytes: Buffer, since: number) => {
    const { latencyMs = 0, bytesPerSecond = Infinity, cutAfter = Infinity, cutAt } = faults();
    if (latencyMs > 0) await pause(Math.max(0, since + latencyMs - performance.now()));
    if (from === server && bytesPerSecond < Infinity) await pause((1_000 * bytes.length) / bytesPerSecond);
    while (faults().isBlackHole && !from.destroyed) await pause(10);
    if (from === client) {
      const cut = cutAt?.(bytes);
      if (cut === 'before') return reset();
      if (cut === 'after') isDeaf = true;
      return void server.write(bytes);
    }
    if (isDeaf) return void client.resetAndDestroy();
    heard += bytes.length;
    client.write(bytes.subarray(0, Math.max(0, bytes.length - Math.max(0, heard - cutAfter))), () => heard > cutAfter && reset());
  });
  client.on('data', (bytes) => hand(client, bytes));
  server.on('data', (bytes) => hand(server, bytes));
  return { reset };
}

/** Each way by itself, one after the other. */
function inTurn(work: (from: Socket, bytes: Buffer, since: number) => Promise<void>): (from: Socket, bytes: Buffer) => void {
  const last = new Map<Socket, Promise<void>>();
  return (from, bytes) => {
    const since = performance.now();
    last.set(from, (last.get(from) ?? Promise.resolve()).then(() => work(from, bytes, since)).catch(() => undefined));
  };
}
