import { afterAll, beforeAll } from '@jest/globals';
import { openPostgres } from '../../../src/adapters/persistence/postgres/open-postgres.ts';
import { postgresAddressOf } from '../../../src/adapters/persistence/postgres/postgres-url.ts';
import { wakeByListen } from '../../../src/adapters/persistence/postgres/wake-by-listen.ts';
import { describeOnPostgres, sharedPostgres } from '../../support/postgres.ts';
import { everyStoreContract } from './every-store-contract.ts';
import { keptLog, storesOver, type Stores } from './open-stores.ts';

describeOnPostgres('On PostgreSQL', () => {
  let stores: Stores;
  let elsewhere: Stores;
  beforeAll(async () => {
    const address = postgresAddressOf(await (await sharedPostgres()).makeDatabase());
    const open = async (): Promise<Stores> => storesOver({ db: await openPostgres({ address, log: keptLog() }), wake: wakeByListen(address) });
    [stores, elsewhere] = [await open(), await open()];
  });
  afterAll(() => Promise.all([stores?.db.close(), elsewhere?.db.close()]));

  everyStoreContract('PostgreSQL', () => stores, () => elsewhere);
});
