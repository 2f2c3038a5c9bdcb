/**
 * Asks every operation of the OpenAPI document good and hostile questions until the time is over or an answer is wrong:
 * `npm run fuzz -- --seconds 300`. `--seed N` repeats a run, `--path P` goes straight to its failure. Exit code 1 where something is wrong.
 */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' }, seed: { type: 'string' }, path: { type: 'string' } } });
const seconds = Number(values.seconds);
const seed = values.seed === undefined ? Date.now() % 2_147_483_647 : Number(values.seed);
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error('How long, and from where? npm run fuzz -- --seconds 300 --seed 42. Both are numbers.');
  process.exit(2);
}

console.log(`seed ${seed}, ${seconds} s`);
const { requests, failure, unreached, answers } = await fuzz({ seed, seconds, ...(values.path !== undefined && { path: values.path }) });
for (const [name, seen] of Object.entries(answers)) {
  console.log(`${name.padEnd(72)} ${Object.entries(seen).map(([status, times]) => `${status}×${times}`).join(' ')}`);
}
if (values.path === undefined) for (const name of unreached) console.log(`no request got through to ${name}: its good values are missing in test/fuzz/world.ts`);
console.log(failure === undefined ? `${requests} requests, every answer as the document says` : `\n${failure}`);
process.exit(failure === undefined && (unreached.length === 0 || values.path !== undefined) ? 0 : 1);
