/** A process of its own, for code runs several times slower inside the test runner's contexts. Prints the CPU milliseconds of each hostile input as JSON. */
import { ForgeCertificateReader } from '../../../src/adapters/pki/forge-certificate-reader.ts';
import { buildPaths } from '../../../src/domain/certificates/build-paths.ts';
import { judgePaths } from '../../../src/domain/certificates/judge-paths.ts';
import { readChain } from '../../../src/domain/certificates/read-chain.ts';
import { anAnchor } from '../../support/certificate-builders.ts';
import { certificateDer, name, printable, utf8 } from '../../support/der-builder.ts';
import { HOSTILE_CERTIFICATES, HOSTILE_CHAINS } from '../../support/hostile-inputs.ts';

export interface Measured {
  readonly what: string;
  readonly bytes: number;
  readonly ms: number;
  /** Whether it came to a judgement, for a chain. */
  readonly judged?: boolean;
}

const ROUNDS = 25;

/** Others run on this machine, and code is slow before it is compiled: the quickest of many rounds is what the work itself costs. */
function cpuMs(work: () => void): number {
  const all = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  return Math.min(...all);
}

const reader = new ForgeCertificateReader();
const read = (der: Uint8Array) => reader.read(der);
const root = read(new Uint8Array(certificateDer({ subject: name(['2.5.4.6', printable('DE')], ['2.5.4.3', utf8('Works Root')]) })));
const anchors = root.granted ? [anAnchor({ certificate: root.value })] : [];

const certificates = Object.entries(HOSTILE_CERTIFICATES).map(([what, make]): Measured => {
  const der = new Uint8Array(make());
  return { what, bytes: der.length, ms: cpuMs(() => void read(der)) };
});

const chains = Object.entries(HOSTILE_CHAINS).map(([what, make]): Measured => {
  const chain = make().map((der) => new Uint8Array(der));
  const bytes = chain.reduce((sum, { length }) => sum + length, 0);
  let judged = false;
  const ms = cpuMs(() => {
    const sent = readChain({ chain, handshakeBytes: bytes }, read);
    if (!sent.granted) return;
    judgePaths(buildPaths({ chain: sent.value, anchors, verifies: () => true }), new Date('2027-01-01'));
    judged = true;
  });
  return { what, bytes, ms, judged };
});

process.stdout.write(JSON.stringify({ certificates, chains }));
