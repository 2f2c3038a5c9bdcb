import { afterAll, beforeAll } from '@jest/globals';
import { openPostgres } from '../../../src/adapters/persistence/postgres/open-postgres.ts';
import { postgresAddressOf } from '../../../src/adapters/persistence/postgres/postgres-url.ts';
import { describeOnPostgres, sharedPostgres } from '../../support/postgres.ts';
import { everyStoreContract } from './every-store-contract.ts';
import { keptLog, storesOver, type Stores } from './open-stores.ts';

describeOnPostgres('On PostgreSQL', () => {
  let stores: Stores;
  beforeAll(async () => {
    const url = await (await sharedPostgres()).makeDatabase();
    stores = storesOver({ db: await openPostgres({ address: postgresAddressOf(url), log: keptLog() }) });
  });
  afterAll(() => stores?.db.close());

  everyStoreContract('PostgreSQL', () => stores);
});
