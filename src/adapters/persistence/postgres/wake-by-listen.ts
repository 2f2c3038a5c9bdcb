import { Client } from 'pg';
import { CHANNEL } from '../change-steps.ts';
import type { PostgresAddress } from './postgres-url.ts';

/** Until we try again after the connection was lost. Meanwhile whoever watches asks by the clock. */
const AGAIN_MS = 500;
const CONNECT_MS = 3_000;

/**
 * A connection of its own that hears of each commit with a change. What is said while it is away is lost, so that it calls whenever it is back, too.
 */
export const wakeByListen =
  (address: PostgresAddress, againMs = AGAIN_MS) =>
  (look: () => void): (() => void) => {
    let isEnded = false;
    let client: Client | undefined;
    let timer: NodeJS.Timeout | undefined;
    const wake = (): void => void (isEnded || look());
    const listen = async (): Promise<void> => {
      const mine = clientOf(address);
      client = mine;
      const lost = (): void => {
        if (client !== mine) return;
        client = undefined;
        void mine.end().catch(() => undefined);
        if (!isEnded) timer = setTimeout(() => void listen(), againMs).unref();
      };
      mine.on('error', lost).on('end', lost).on('notification', wake);
      try {
        await mine.connect();
        await mine.query(`listen ${CHANNEL}`);
        wake();
      } catch {
        lost(); // the stores say what is wrong
      }
    };
    void listen();
    return () => {
      isEnded = true;
      clearTimeout(timer);
      const last = client;
      client = undefined;
      void last?.end().catch(() => undefined);
    };
  };

function clientOf({ password, host, port, database, user, ssl }: PostgresAddress): Client {
  return new Client({
    ...{ host, port, database, user, ssl },
    password: () => password, // a function, so that `pg` looks for none in files
    ...{ keepAlive: true, keepAliveInitialDelayMillis: 10_000, connectionTimeoutMillis: CONNECT_MS, application_name: 'fleetgate changes' },
  });
}
