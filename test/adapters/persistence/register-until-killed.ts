/** A Fleetgate reduced to its registrations: prints each id after its registration resolved. Never ends by itself before 50,000. */
import { aDevice, aDeviceId } from '../../support/certificate-builders.ts';
import { storesOn } from './open-stores.ts';

const [file, prefix] = process.argv.slice(2) as [string, string];
const { devices } = storesOn({ file });

async function registerEvery(start: number): Promise<void> {
  for (let i = start; i < 50_000; i += 40) {
    const id = `${prefix}-${i}`;
    await devices.register(aDevice({ id: aDeviceId(id) }));
    process.stdout.write(`${id}\n`);
  }
}

for (let start = 0; start < 40; start += 1) void registerEvery(start);
