/**
 * Runs a directory of path-validation vectors through the domain, each at exactly its time, and prints how far they agree:
 * `npm run test:vectors -- DIR`. Exit code 1 where a gate case disagrees, crashes or takes over 50 ms.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeVector, type Judged, type Vector } from './judge-vector.ts';

const SLOWEST_MS = 50;

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Which directory? npm run test:vectors -- DIR, with one JSON object a line in its *.jsonl files.');
  process.exit(2);
}
const vectors = readdirSync(folder)
  .filter((file) => file.endsWith('.jsonl'))
  .sort()
  .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n').filter((line) => line.trim() !== ''))
  .map((line) => JSON.parse(line) as Vector);
if (vectors.length === 0) {
  console.error(`${folder} holds no vectors: no *.jsonl file with a line in it.`);
  process.exit(2);
}

// The first signature of a process pays for loading OpenSSL; that is no vector's doing.
await judgeVector(vectors[0]!);
const judged: ({ readonly vector: Vector } & Judged)[] = [];
for (const vector of vectors) judged.push({ vector, ...(await judgeVector(vector)) });
const agrees = ({ vector, verdict }: (typeof judged)[number]): boolean => vector.expect === 'either' || vector.expect === verdict;
for (const one of judged.filter((each) => !agrees(each))) {
  const { vector, verdict, reason } = one;
  console.log(`${vector.gate ? 'GATE' : 'note'} ${vector.id} (${vector.tier}): expected ${vector.expect}, is ${verdict}${reason ? ` by ${reason}` : ''}. ${vector.desc}`);
}
console.log('\nsuite             tier             agree  of   gate agree  of   slowest ms');
for (const key of [...new Set(judged.map(({ vector }) => `${vector.suite}\t${vector.tier}`))].sort()) {
  const of = judged.filter(({ vector }) => `${vector.suite}\t${vector.tier}` === key);
  const gate = of.filter(({ vector }) => vector.gate);
  const [suite = '', tier = ''] = key.split('\t');
  const slowest = Math.max(...of.map(({ ms }) => ms)).toFixed(1);
  const count = (all: typeof of): string => `${String(all.filter(agrees).length).padStart(5)} ${String(all.length).padStart(4)}`;
  console.log(`${suite.padEnd(17)} ${tier.padEnd(16)} ${count(of)}        ${count(gate)}   ${slowest.padStart(10)}`);
}
const gateFailed = judged.filter((each) => each.vector.gate && (!agrees(each) || each.verdict === 'crash'));
const slow = judged.filter(({ ms }) => ms > SLOWEST_MS);
for (const { vector, ms } of slow) console.log(`slow ${vector.id}: ${ms.toFixed(0)} ms`);
console.log(`\n${judged.length} vectors, ${gateFailed.length} gate cases disagree, ${slow.length} took over ${SLOWEST_MS} ms`);
process.exitCode = gateFailed.length > 0 || slow.length > 0 || judged.some(({ verdict }) => verdict === 'crash') ? 1 : 0;
