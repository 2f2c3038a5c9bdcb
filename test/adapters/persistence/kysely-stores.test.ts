import { afterAll, beforeAll } from '@jest/globals';
import { everyStoreContract } from './every-store-contract.ts';
import { scratch, storesOn, type Stores } from './open-stores.ts';

const { file, clear } = scratch();
let stores: Stores;
beforeAll(() => {
  stores = storesOn({ file });
});
afterAll(async () => {
  await stores.db.close();
  clear();
});

everyStoreContract('SQLite', () => stores);
