import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { HOSTILE_CERTIFICATES, HOSTILE_CHAINS } from '../../support/hostile-inputs.ts';
import type { Measured } from './measure-slices.ts';

/** What may pass between two turns of the event loop, in CPU time of our own code: signatures are node:crypto's, and bounded by D-11. */
const SLICE_MS = 5;

describe('X19 No input keeps the event loop for five milliseconds of our own code', () => {
  let measured: { readonly certificates: readonly Measured[]; readonly chains: readonly Measured[] };
  beforeAll(async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'measure-slices.ts')], { maxBuffer: 1_000_000 });
    measured = JSON.parse(stdout) as typeof measured;
  }, 60_000);
  const of = (all: 'certificates' | 'chains', what: string): Measured => measured[all].find((each) => each.what === what)!;

  it.each(Object.keys(HOSTILE_CERTIFICATES))('reading a certificate of 16 KiB with %s', (what) => {
    const { bytes, ms } = of('certificates', what);
    expect([bytes > 14 * 1024, bytes <= 16 * 1024]).toEqual([true, true]);
    // Two of them fit into a handshake.
    expect(2 * ms).toBeLessThan(SLICE_MS);
  });

  it.each(Object.keys(HOSTILE_CHAINS))('X17 X18 judging a chain of %s, every signature of which verifies', (what) => {
    const { bytes, ms, judged } = of('chains', what);
    expect([judged, bytes <= 32 * 1024]).toEqual([true, true]);
    expect(ms).toBeLessThan(SLICE_MS);
  });
});
