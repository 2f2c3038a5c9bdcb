import { X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import type { Minted } from '../../../src/ports/driven/certificate-mint.ts';

/** What stands in a certificate, read by other means than those that made it: node-forge walks the DER, OpenSSL judges the signature. */
export interface Facts {
  readonly version: number;
  readonly signature: string;
  readonly key: string;
  readonly subject: string;
  readonly issuer: string;
  readonly namedByIssuer: boolean;
  readonly signedByIssuer: boolean;
  readonly validity: 'past' | 'now' | 'future';
  /** By OID: `critical` where it is, then the DER of the value in hex. */
  readonly extensions: Readonly<Record<string, string>>;
}

const { asn1 } = forge;
const hexOf = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('hex');
const children = (node: forge.asn1.Asn1): forge.asn1.Asn1[] => node.value as forge.asn1.Asn1[];
const text = (node: forge.asn1.Asn1): string => node.value as string;

export function factsOf(minted: Minted): Facts {
  const certificate = new X509Certificate(minted.der);
  const above = minted.path[1] ? new X509Certificate(minted.path[1].der) : certificate;
  const [signed, algorithm] = children(treeOf(minted));
  const fields = children(signed!);
  const tagged = (n: number) => fields.find(({ tagClass, type }) => tagClass === 0x80 && (type as number) === n);
  const version = tagged(0);
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  return {
    version: version ? text(children(version)[0]!).charCodeAt(0) + 1 : 1,
    signature: asn1.derToOid(text(children(algorithm!)[0]!)),
    key: [type, details?.namedCurve ?? details?.modulusLength].filter(Boolean).join(' '),
    subject: certificate.subject,
    issuer: certificate.issuer,
    namedByIssuer: certificate.issuer === above.subject,
    signedByIssuer: certificate.verify(above.publicKey),
    validity: new Date(certificate.validTo) < new Date() ? 'past' : new Date(certificate.validFrom) > new Date() ? 'future' : 'now',
    extensions: extensionsOf(tagged(3)),
  };
}

const treeOf = ({ der }: Minted): forge.asn1.Asn1 =>
  asn1.fromDer(forge.util.createBuffer(Buffer.from(der).toString('latin1')), {
    strict: true,
    parseAllBytes: true,
    decodeBitStrings: false,
  } as never);

function extensionsOf(tagged: forge.asn1.Asn1 | undefined): Record<string, string> {
  const list = tagged ? children(children(tagged)[0]!) : [];
  return Object.fromEntries(
    list.map((extension) => {
      const parts = children(extension);
      const critical = parts.length === 3 ? 'critical ' : '';
      return [asn1.derToOid(text(parts[0]!)), critical + hexOf(text(parts.at(-1)!))];
    }),
  );
}

/** The fields of `other` that are not as in `sound`, extensions by their OID; `undefined` where one is missing. */
export function changesOf(sound: Facts, other: Facts): Record<string, unknown> {
  const flat = ({ extensions, ...rest }: Facts): Record<string, unknown> => ({ ...rest, ...extensions });
  const [was, is] = [flat(sound), flat(other)];
  const names = new Set([...Object.keys(was), ...Object.keys(is)]);
  return Object.fromEntries([...names].filter((name) => was[name] !== is[name]).map((name) => [name, is[name]]));
}
