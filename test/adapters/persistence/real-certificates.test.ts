import { expect, it } from '@jest/globals';
import { ForgeCertificateReader } from '../../../src/adapters/pki/forge-certificate-reader.ts';
import { anAnchor, aTenantId } from '../../support/certificate-builders.ts';
import { aRoot } from '../../support/pki.ts';
import { scratch, storesOn } from './open-stores.ts';

it('A real CA certificate comes back from the file, after a restart too, as it was read when it was added', async () => {
  const reader = new ForgeCertificateReader();
  const place = scratch();
  const read = reader.read((await aRoot()).der);
  if (!read.granted) throw new Error(read.refusal.code);
  const anchor = anAnchor({ certificate: read.value });
  const first = storesOn({ file: place.file, reader });
  expect(await first.anchors.add(anchor, await first.epoch.current())).toBe('added');
  expect(await first.anchors.findNamed([read.value.subject.key])).toEqual([anchor]);
  await first.db.close();
  const second = storesOn({ file: place.file, reader: new ForgeCertificateReader() });
  expect(await second.anchors.findIssuedBy([read.value.issuer.key])).toEqual([anchor]);
  expect(await second.anchors.find(aTenantId(), read.value.fingerprint)).toEqual(anchor);
  await second.db.close();
  place.clear();
});
