import { afterAll, beforeAll } from '@jest/globals';
import { everyStoreContract } from './every-store-contract.ts';
import { scratch, storesOn, type Stores } from './open-stores.ts';

const { file, clear } = scratch();
let stores: Stores;
let elsewhere: Stores;
beforeAll(() => {
  stores = storesOn({ file });
  elsewhere = storesOn({ file });
});
afterAll(async () => {
  await Promise.all([stores.db.close(), elsewhere.db.close()]);
  clear();
});

everyStoreContract('SQLite', () => stores, () => elsewhere);
