import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { expect, it } from '@jest/globals';
import { AUTHORIZATION } from './bulk-server.ts';

const MIB = 1024 * 1024;
const ROWS = 100_000;
/** With it the file has 200 MB. */
const NOTE = 'n'.repeat(2000);
/**
 * Of V8's heap: a file that is held as text would not fit. What is held as bytes shows in the resident set: the whole file would come on top of
 * some 100 MiB of buffers that wait for the collector.
 */
const HEAP_MIB = 64;
const MOST_GROWTH = 200 * MIB;

async function* file(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('ID\tAUTH_TYPE\tNOTE\n');
  for (let i = 0; i < ROWS; i += 20) {
    yield Buffer.from(Array.from({ length: 20 }, (_, j) => `a-device-of-the-fleet-${i + j}\t${(i + j) % 2 ? 'CERTIFICATES' : 'BASIC'}\t${NOTE}\n`).join(''));
  }
}

it('C04 registers 100,000 rows of 200 MB in bounded memory, and answers each', async () => {
  const script = fileURLToPath(new URL('bulk-memory-server.ts', import.meta.url));
  const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MIB}`, script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const said = async (): Promise<Record<string, unknown>> => JSON.parse(String((await lines.next()).value));
  try {
    const { url, rss } = (await said()) as { url: string; rss: number };
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: AUTHORIZATION, 'content-type': 'text/csv' },
      body: ReadableStream.from(file()),
      duplex: 'half',
    } as RequestInit);
    const text = await response.text();
    expect(response.status).toBe(201);
    expect(text.slice(0, 100)).toContain('{"numberOfAll":100000,"numberOfCreated":50000,"numberOfFailed":50000,"numberOfSuccessful":50000,');
    expect(JSON.parse(text).failedCreationList).toHaveLength(50_000);
    child.stdin.end();
    const { peak } = (await said()) as { peak: number };
    expect(peak - rss).toBeLessThan(MOST_GROWTH);
  } finally {
    child.kill();
  }
}, 120_000);
