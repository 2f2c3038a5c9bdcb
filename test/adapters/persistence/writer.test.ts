import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { compiled } from '../../../src/adapters/persistence/query.ts';
import { step } from '../../../src/adapters/persistence/unit.ts';
import { Writer } from '../../../src/adapters/persistence/writer.ts';
import { keptLog, scratch } from './open-stores.ts';

describe('A writer whose thread has stopped', () => {
  it('rejects what waited and what comes, tells the operator once, and still closes', async () => {
    const place = scratch();
    const log = keptLog();
    const file = join(place.folder, 'no-such-folder', 'x.sqlite');
    const writer = new Writer({ file, lockWaitMs: 100, queueLimit: 10, log });
    const unit = [step(compiled(sql`select 1`))];
    const waited = [writer.write(unit), writer.write(unit)];
    for (const write of waited)
      await expect(write).rejects.toMatchObject({ code: 'database-broken', message: expect.stringMatching(/^The database writer has stopped \(.*\) before it answered\. Restart Fleetgate\.$/) });
    await expect(writer.write(unit)).rejects.toMatchObject({ code: 'database-broken', message: expect.stringMatching(/Restart Fleetgate\.$/) });
    await writer.close();
    expect(log.errors.map(({ sentence }) => sentence)).toEqual(['The database writer has stopped. Nothing can be registered or changed: restart Fleetgate.']);
    place.clear();
  });
});
