import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KnownCertificates } from '../../contracts/known-certificates.ts';
import { aCaCertificate, aName, anAnchor, aTenantId } from '../../support/certificate-builders.ts';
import { keptLog, scratch, storesOn, type Stores } from './open-stores.ts';

describe('A damaged trust anchor in SQLite', () => {
  const reader = new KnownCertificates();
  const sound = anAnchor({ certificate: reader.show(aCaCertificate({ serialNumber: '11' })) });
  const damaged = anAnchor({ certificate: reader.show(aCaCertificate({ serialNumber: '22' })), name: 'Old CA' });
  const another = reader.show(aCaCertificate({ serialNumber: '33' }));
  const { fingerprint, subject } = damaged.certificate;
  let place: ReturnType<typeof scratch>;
  let stores: Stores;
  let log: ReturnType<typeof keptLog>;

  /** Changes a column of the damaged row behind the back of the store, which is opened anew. */
  const damage = async (column: string, value: string): Promise<void> => {
    const raw = new Sqlite(place.file);
    raw.prepare(`update trust_anchor set ${column} = ? where fingerprint = ?`).run(value, fingerprint);
    raw.close();
  };

  beforeEach(async () => {
    place = scratch();
    log = keptLog();
    stores = storesOn({ file: place.file, reader, log });
    for (const anchor of [sound, damaged]) await stores.anchors.add(anchor, await stores.epoch.current());
  });
  afterEach(async () => {
    await stores.db.close();
    place.clear();
  });

  it.each([
    ['a bit has flipped in it', 'der_base64', Buffer.from('flipped').toString('base64')],
    ['it is no base64', 'der_base64', '%%%'],
    ['it is empty', 'der_base64', ''],
    ['it holds another certificate', 'der_base64', Buffer.from(another.der).toString('base64')],
    ['it is filed under another thumbprint', 'thumbprint', another.thumbprint],
  ])('F32 is left out and reported once, and others work: %s', async (_how, column, value) => {
    await damage(column, value);
    for (let i = 0; i < 3; i += 1) expect(await stores.anchors.findNamed([subject.key])).toEqual([sound]);
    expect(await stores.anchors.find(aTenantId(), fingerprint)).toBeUndefined();
    expect((await stores.anchors.listOf(aTenantId(), { number: 1, size: 9 })).items).toEqual([sound]);
    expect(log.errors).toEqual([
      {
        facts: { tenant: 'main', fingerprint, name: 'Old CA' },
        sentence: 'A stored trusted certificate is damaged and is left out: its devices are refused. Delete it and upload it again, or restore a backup.',
      },
    ]);
    expect(await stores.anchors.remove(aTenantId(), fingerprint)).toBe(true);
  });

  it('F32 is left out when it is filed under another fingerprint', async () => {
    await damage('fingerprint', another.fingerprint);
    expect(await stores.anchors.findNamed([subject.key])).toEqual([sound]);
    expect(await stores.anchors.find(aTenantId(), another.fingerprint)).toBeUndefined();
    expect(log.errors).toHaveLength(1);
  });

  it('lets nobody in by a status that no program writes', async () => {
    await damage('status', 'Enabled');
    expect((await stores.anchors.find(aTenantId(), fingerprint))?.status).toBe('disabled');
  });

  it('is not found by a name that its column says and its certificate does not', async () => {
    await damage('subject_key', aName('CN=Other').key);
    await damage('issuer_key', aName('CN=Other').key);
    expect(await stores.anchors.findNamed([aName('CN=Other').key])).toEqual([]);
    expect(await stores.anchors.findIssuedBy([aName('CN=Other').key])).toEqual([]);
  });

  it('shows that certificates are read once only, and anew after their bytes changed', async () => {
    await stores.anchors.findNamed([subject.key]);
    const before = reader.reads;
    await stores.anchors.findNamed([subject.key]);
    expect(reader.reads).toBe(before);
    await damage('der_base64', 'AAAA');
    expect(await stores.anchors.findNamed([subject.key])).toEqual([sound]);
    expect(reader.reads).toBe(before + 1);
  });
});
