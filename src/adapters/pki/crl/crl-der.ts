import { Buffer } from 'node:buffer';
import { setImmediate as turn } from 'node:timers/promises';
import { REVOCATION_REASONS } from '../../../domain/revocation/revocation.ts';
import type { ListToSign, ListToSignEntry } from '../../../ports/driven/revocation-list-signer.ts';
import { der, derBits, derOid, explicit, TAG } from '../mint/der-writer.ts';

const OID = { crlNumber: '2.5.29.20', reason: '2.5.29.21', authorityKeyIdentifier: '2.5.29.35', ecdsaWithSha256: '1.2.840.10045.4.3.2' } as const;
const ENUMERATED = 0x0a;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
/** Entries written in one turn of the event loop: about a millisecond. */
const AT_ONCE = 200;

const ALGORITHM = der(TAG.sequence, derOid(OID.ecdsaWithSha256));

/** By whom a list is signed. */
export interface ListIssuer {
  /** DER of the Name. */
  readonly name: Uint8Array;
  readonly keyIdentifier: Uint8Array;
}

/**
 * The part of a CRL that is signed (RFC 5280 §5.1.2). Written by hand: `@peculiar/x509` gives every entry an empty list of extensions, which
 * strict parsers refuse. An empty list of entries is left out (§5.1.2.6).
 */
export async function toBeSigned({ number, thisUpdate, nextUpdate, entries }: ListToSign, { name, keyIdentifier }: ListIssuer): Promise<Buffer> {
  const written: Buffer[] = [];
  for (let from = 0; from < entries.length; from += AT_ONCE) {
    written.push(Buffer.concat(entries.slice(from, from + AT_ONCE).map(entryOf)));
    await turn();
  }
  const extensions = [
    extension(OID.authorityKeyIdentifier, der(TAG.sequence, der(KEY_IDENTIFIER, keyIdentifier))),
    extension(OID.crlNumber, der(TAG.integer, unsigned(number.toString(16)))),
  ];
  return der(
    TAG.sequence,
    der(TAG.integer, Buffer.from([1])), // v2
    ALGORITHM,
    name,
    timeOf(thisUpdate),
    timeOf(nextUpdate),
    ...(written.length > 0 ? [der(TAG.sequence, ...written)] : []),
    der(explicit(0), der(TAG.sequence, ...extensions)),
  );
}

export const signedBy = (signature: Uint8Array, tbs: Uint8Array): Buffer => der(TAG.sequence, tbs, ALGORITHM, derBits(signature));

/** `[0]` of AuthorityKeyIdentifier, primitive. */
const KEY_IDENTIFIER = 0x80;

function entryOf({ serialNumber, since, reason }: ListToSignEntry): Buffer {
  const why = REVOCATION_REASONS[reason];
  // §5.3.1: unspecified is said by saying nothing.
  const extensions = why === 0 ? [] : [der(TAG.sequence, extension(OID.reason, der(ENUMERATED, Buffer.from([why]))))];
  return der(TAG.sequence, der(TAG.integer, unsigned(serialNumber)), timeOf(since), ...extensions);
}

const extension = (oid: string, value: Uint8Array): Buffer => der(TAG.sequence, derOid(oid), der(TAG.octetString, value));

/** The content of an INTEGER that is not negative. */
function unsigned(hex: string): Buffer {
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return bytes[0]! < 0x80 ? bytes : Buffer.concat([Buffer.from([0]), bytes]);
}

/** §5.1.2.4: UTCTime through 2049, in whole seconds; what two digits cannot say is a GeneralizedTime. */
function timeOf(time: Date): Buffer {
  const digits = time.toISOString().slice(0, 19).replaceAll(/\D/g, '');
  const isShort = time.getUTCFullYear() >= 1950 && time.getUTCFullYear() <= 2049;
  return isShort ? der(UTC_TIME, Buffer.from(`${digits.slice(2)}Z`)) : der(GENERALIZED_TIME, Buffer.from(`${digits}Z`));
}
