import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import forge from 'node-forge';
import type { RevocationReason } from '../../src/domain/revocation/revocation.ts';
import type { ListToSign, RevocationListSigner } from '../../src/ports/driven/revocation-list-signer.ts';
import { aTenantId } from '../support/certificate-builders.ts';
import type { Opened } from './opened.ts';

const NOW = new Date('2026-11-25T10:00:00.700Z');
const aList = (overrides: Partial<ListToSign> = {}): ListToSign => ({ number: 7, thisUpdate: NOW, nextUpdate: new Date('2026-11-26T10:00:00Z'), entries: [], ...overrides });
const entry = (serialNumber: string, reason: RevocationReason = 'unspecified', since = NOW): ListToSign['entries'][number] => ({ serialNumber, reason, since });
/** Every way an entry can be: small, with the sign bit set, of 20 bytes, with a reason or none, before 1950 and after 2049. */
const ENTRIES = [
  entry('01'),
  entry('80', 'keyCompromise'),
  entry(`7f${'ff'.repeat(19)}`, 'certificateHold'),
  entry('ff'.repeat(20), 'aACompromise'),
  entry('0a1f', 'unspecified', new Date('1949-12-31T23:59:59Z')),
  entry('0a20', 'cACompromise', new Date('2050-01-01T00:00:00Z')),
];

/** What every RevocationListSigner promises, as others read it: OpenSSL, node-forge and Java. `open` hands over one without keys. */
export function revocationListSignerContract(name: string, open: () => Promise<Opened<RevocationListSigner>>): void {
  describe(`${name} keeps the promises of a RevocationListSigner`, () => {
    const main = aTenantId();
    let folder: string;
    let opened: Opened<RevocationListSigner>;
    let signer: RevocationListSigner;
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'fleetgate-crl-'));
      opened = await open();
      signer = opened.subject;
    });
    afterEach(async () => {
      await opened.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const file = (name: string, bytes: Uint8Array | string): string => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    };
    const openssl = async (list: ListToSign, tenant = main, signedFor = main): Promise<{ readonly text: string; readonly verdict: string }> => {
      const crl = file('list.crl', await signer.sign(tenant, list));
      const pem = file('ca.pem', new X509Certificate(await signer.certificateOf(signedFor)).toString());
      const { stdout, stderr } = spawnSync('openssl', ['crl', '-inform', 'DER', '-in', crl, '-CAfile', pem, '-verify', '-noout', '-text'], { encoding: 'utf8' });
      return { text: stdout, verdict: stderr.trim() };
    };

    it('signs what OpenSSL takes: version 2, number, authority key identifier, entries with their dates and reasons', async () => {
      const { text, verdict } = await openssl(aList({ entries: ENTRIES }));
      expect(verdict).toBe('verify OK');
      for (const part of ['Version 2 (0x1)', 'ecdsa-with-SHA256', 'CN = Revocations of main', 'Last Update: Nov 25 10:00:00 2026 GMT', 'Next Update: Nov 26 10:00:00 2026 GMT', 'X509v3 CRL Number: \n                7', 'X509v3 Authority Key Identifier'])
        expect(text).toContain(part);
      expect([...text.matchAll(/Serial Number: (\w+)/g)].map(([, serial]) => serial!.toLowerCase())).toEqual(ENTRIES.map(({ serialNumber }) => serialNumber));
      expect([...text.matchAll(/Revocation Date: (.*)/g)].map(([, date]) => date)).toEqual([...Array.from({ length: 4 }, () => 'Nov 25 10:00:00 2026 GMT'), 'Dec 31 23:59:59 1949 GMT', 'Jan  1 00:00:00 2050 GMT']);
      expect([...text.matchAll(/CRL Reason Code: \n\s+(.*)/g)].map(([, reason]) => reason)).toEqual(['Key Compromise', 'Certificate Hold', 'AA Compromise', 'CA Compromise']);
      expect(text.match(/CRL entry extensions/g)).toHaveLength(4);
    });

    it('signs an empty list without a list of entries, which strict parsers want', async () => {
      const { text, verdict } = await openssl(aList());
      expect([verdict, /No Revoked Certificates/.test(text)]).toEqual(['verify OK', true]);
      const tbs = partsOf(forge.asn1.fromDer(Buffer.from(await signer.sign(main, aList())).toString('binary')))[0]!;
      expect(partsOf(tbs).map(({ type, tagClass }) => [tagClass, type])).toEqual([[0, 2], [0, 16], [0, 16], [0, 23], [0, 23], [128, 0]]);
    });

    it('signs strict DER: nothing empty, and every byte read and written again is the same', async () => {
      for (const entries of [[], ENTRIES]) {
        const bytes = Buffer.from(await signer.sign(main, aList({ entries }))).toString('binary');
        const asn1 = forge.asn1.fromDer(bytes, { strict: true, parseAllBytes: true, decodeBitStrings: false } as never);
        expect(forge.asn1.toDer(asn1).getBytes()).toBe(bytes);
        expect(emptyOnes(asn1)).toBe(0);
      }
    });

    it('signs what Java takes', async () => {
      const [crl, ca] = [file('list.crl', await signer.sign(main, aList({ entries: ENTRIES }))), file('ca.der', await signer.certificateOf(main))];
      const java = file('ReadCrl.java', JAVA);
      const lines = execFileSync('java', ['-Xshare:auto', java, crl, ca], { encoding: 'utf8', timeout: 60_000 }).trim().split('\n');
      expect(lines).toEqual(['verified', ...ENTRIES.map(({ serialNumber, reason }) => `${serialNumber.replace(/^0+/, '')} ${JAVA_REASONS[reason] ?? 'null'}`).sort()]);
    }, 90_000);

    it('has a key for each tenant, which stays, and signs nothing but lists', async () => {
      const other = aTenantId('other');
      const [own, same, foreign] = await Promise.all([signer.certificateOf(main), signer.certificateOf(main), signer.certificateOf(other)]);
      expect(own).toEqual(same);
      expect(own).not.toEqual(foreign);
      const certificate = new X509Certificate(own);
      expect([certificate.subject, certificate.verify(certificate.publicKey)]).toEqual(['CN=Revocations of main\nO=Fleetgate', true]);
      const text = execFileSync('openssl', ['x509', '-noout', '-text'], { input: certificate.toString(), encoding: 'utf8' });
      expect(/X509v3 Basic Constraints: critical\n\s+(.*)\n/.exec(text)?.[1]).toBe('CA:TRUE, pathlen:0');
      expect(/X509v3 Key Usage: critical\n\s+(.*)\n/.exec(text)?.[1]).toBe('CRL Sign');
      expect((await openssl(aList({ entries: ENTRIES }), main, other)).verdict).not.toContain('verify OK');
    });

    it('lets others have their turn while it writes a long list', async () => {
      const entries = Array.from({ length: 20_000 }, (_, n) => entry((0x10000 + n).toString(16).padStart(6, '0'), n % 2 ? 'superseded' : 'unspecified'));
      await signer.certificateOf(main);
      const begin = performance.now();
      let [last, longest] = [begin, 0];
      const look = (): void => {
        const now = performance.now();
        [last, longest] = [now, Math.max(longest, now - last)];
      };
      const looking = setInterval(look, 1);
      const { length } = await signer.sign(main, aList({ entries }));
      clearInterval(looking);
      look();
      expect(length).toBeGreaterThan(20_000 * 20);
      expect(longest).toBeLessThan((last - begin) / 2);
    });
  });
}

const partsOf = (asn1: forge.asn1.Asn1): readonly forge.asn1.Asn1[] => asn1.value as forge.asn1.Asn1[];

/** SEQUENCEs and SETs with nothing in them. */
const emptyOnes = (asn1: forge.asn1.Asn1): number =>
  Array.isArray(asn1.value) ? (asn1.value.length === 0 ? 1 : 0) + asn1.value.reduce((sum, part) => sum + emptyOnes(part as forge.asn1.Asn1), 0) : 0;

const JAVA_REASONS: Partial<Record<RevocationReason, string>> = { keyCompromise: 'KEY_COMPROMISE', certificateHold: 'CERTIFICATE_HOLD', aACompromise: 'AA_COMPROMISE', cACompromise: 'CA_COMPROMISE' };

const JAVA = `import java.io.FileInputStream;
import java.security.cert.*;
public class ReadCrl {
  public static void main(String[] args) throws Exception {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    X509CRL crl = (X509CRL) factory.generateCRL(new FileInputStream(args[0]));
    crl.verify(factory.generateCertificate(new FileInputStream(args[1])).getPublicKey());
    System.out.println("verified");
    crl.getRevokedCertificates().stream()
      .map(entry -> entry.getSerialNumber().toString(16) + " " + entry.getRevocationReason())
      .sorted().forEach(System.out::println);
  }
}
`;
