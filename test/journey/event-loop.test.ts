/** No request keeps the event loop of the real program for long, however much there is: devices still come in beside it. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import { listBy, manyEntries } from '../support/list-builder.ts';
import { aDevice, aRoot, pemChain } from '../support/pki.ts';
import { aWatchedGate, type WatchedGate } from '../support/watched-gate.ts';

/** What is aimed at is 50 ms; the rest is for the compiler and the collector, and for a machine that does other things. */
const MOST_MS = 100;
const DEVICES = 50_000;
const ENTRIES = 200_000;

describe('the event loop (F23)', () => {
  let gate: WatchedGate;
  const anchors = '/tenant/tenants/main/trusted-certificates';
  let fingerprint = '';

  beforeAll(async () => {
    gate = await aWatchedGate();
    const root = await aRoot();
    const body = JSON.stringify({ name: 'works', certInPemFormat: root.certificatePem, status: 'ENABLED', autoRegistrationEnabled: true });
    fingerprint = ((await (await gate.main.call(anchors, { method: 'POST', body, headers: { 'content-type': 'application/json' } })).json()) as { fingerprint: string }).fingerprint;
    fill(join(gate.dataDir, 'fleetgate.sqlite'), fingerprint);
  });
  afterAll(() => gate?.remove());

  const post = async (path: string, type: string, data: string | Buffer) => gate.main.call(path, { method: 'POST', body: typeof data === 'string' ? data : new Uint8Array(data), headers: { 'content-type': type } });
  const serials = (): FormData => {
    const form = new FormData();
    form.append('file', new Blob([['SERIALNO,DATE', ...Array.from({ length: 5_000 }, (_, i) => `6${String(i).padStart(11, '0')},2026-11-01T00:00:00.000Z`)].join('\n')]), 'crl.csv');
    return form;
  };
  const csv = (): FormData => {
    const form = new FormData();
    form.append('file', new Blob([['ID,AUTH_TYPE,NAME,TYPE', ...Array.from({ length: 20_000 }, (_, i) => `bulk-${i},CERTIFICATES,Press ${i},press`)].join('\n')]), 'fleet.csv');
    return form;
  };

  it.each<[string, number, () => Promise<Response>]>([
    ['the first answer, which warms up', 200, () => gate.main.call('/fleetgate/devices?limit=1000')],
    ['a bulk file of 20,000 rows with objects', 201, () => gate.main.call('/devicecontrol/bulkNewDeviceRequests', { method: 'POST', body: csv() })],
    [`a revocation list of ${ENTRIES} entries`, 201, async () => post(`/fleetgate/revocation-lists/${fingerprint}`, 'application/pkix-crl', listBy(await aRoot(), { entries: manyEntries(ENTRIES) } as never))],
    ['a page of 1,000 devices', 200, () => gate.main.call('/fleetgate/devices?limit=1000')],
    [`a list of ${DEVICES} revoked certificates, made and signed`, 200, () => gate.main.call('/tenant/trusted-certificates/settings/crl')],
    ['a list of 5,000 revoked serial numbers', 204, () => gate.main.call('/tenant/trusted-certificates/settings/crl', { method: 'PUT', body: serials() })],
    [`the forecast of ${DEVICES} devices`, 200, () => gate.main.call('/fleetgate/forecast')],
    [`the loss of a CA foreseen for ${DEVICES} devices`, 200, () => gate.main.call(`${anchors}/${fingerprint}?dryRun=true`, { method: 'DELETE' })],
    ['a page of the audit', 200, () => gate.main.call('/fleetgate/audit?limit=1000')],
    ['the audit, checked', 200, () => gate.main.call('/fleetgate/audit/verify')],
    ['the refused connects', 200, () => gate.main.call('/fleetgate/refusals?limit=1000')],
    ['an explanation of twenty certificates', 200, async () => post('/fleetgate/explain', 'application/json', JSON.stringify({ chain: Array(10).fill(pemChain(await aDevice(await aRoot()))).join('') }))],
    ['the document of the API', 200, () => gate.main.call('/openapi.json')],
  ])('F23 is not kept for long by %s', async (_what, status, ask) => {
    await gate.look();
    const answer = await ask();
    const text = await answer.text();
    const { longestMs } = await gate.look();
    expect([answer.status, answer.status === status ? '' : text]).toEqual([status, '']);
    expect(longestMs).toBeLessThan(MOST_MS);
  });
});

/** Rows that would take an hour to make by asking for them. */
function fill(file: string, anchor: string): void {
  const db = new Sqlite(file, { timeout: 10_000 });
  const rows = (sql: string, row: (i: number) => readonly unknown[]): void => {
    const insert = db.prepare(sql);
    for (let i = 0; i < DEVICES; i += 1) insert.run(...row(i));
  };
  const hex = (i: number, length = 40): string => i.toString(16).padStart(length, '0');
  const day = '2026-11-01T00:00:00.000Z';
  db.exec('begin immediate');
  rows("insert into seen_path values ('main', ?, ?, ?, ?, ?, '')", (i) => [`press-${i}`, hex(i, 64), `2027-${String(1 + (i % 12)).padStart(2, '0')}-01T00:00:00.000Z`, JSON.stringify([[anchor, [hex(i % 9), 'CN=Works Intermediate', '2030-01-01T00:00:00.000Z']]]), day]);
  rows("insert into revocation (tenant, serial_number, issuer_key, fingerprint, source, reason, since, noted_by, note) values ('main', ?, '', '', 'manual', 'keyCompromise', ?, 'admin', '')", (i) => [`7${hex(i, 31)}`, day]);
  db.exec('commit');
  db.close();
}
