import type { MintKind } from '../../../ports/driven/breakage-facts.ts';
import type { MintWish } from '../../../ports/driven/certificate-mint.ts';
import type { KeyKind } from './mint-keys.ts';

/** One certificate before it is made. A fault changes the plan, so that all that is not the fault stays right. */
export interface CertificatePlan {
  readonly kind: MintKind;
  /** One RDN each, in this order. */
  readonly subject: readonly NamePart[];
  /** Absent: the subject of the issuer, byte for byte. */
  readonly issuerName?: readonly NamePart[];
  readonly key: KeyKind;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly version: 1 | 3;
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number };
  readonly keyUsage: readonly KeyUse[];
  readonly extendedKeyUsage: readonly ('clientAuth' | 'serverAuth')[];
  /** DNS names and IP addresses of a server. */
  readonly names: readonly string[];
  readonly permitsElsewhereOnly?: true;
  readonly carriesUnknownExtension?: true;
  readonly signsWithSha1?: true;
  readonly signedByStranger?: true;
  /** How many CAs to slip in between the issuer and this one. The first of them allows no CA below it. */
  readonly detour: number;
}

export interface NamePart {
  readonly type: 'CN' | 'O';
  readonly text: string;
}

export type KeyUse = 'digitalSignature' | 'keyEncipherment' | 'keyAgreement' | 'keyCertSign' | 'cRLSign';

const DAY = 86_400_000;
/** Certificates begin in the past, or the first device whose clock is slow would find its server's not yet valid. */
const BACKDATED = 5 * 60_000;
/** How long each lasts when nobody says otherwise. */
const LIFE: Readonly<Record<MintKind, number>> = { root: 3650 * DAY, intermediate: 1825 * DAY, device: 365 * DAY, server: 365 * DAY };

/** A certificate with nothing wrong (RFC 5280 §4.2): what each kind is for, and no more. */
export function certificatePlan(kind: MintKind, wish: MintWish, now: Date, names: readonly string[] = []): CertificatePlan {
  const notBefore = wish.notBefore ?? new Date(now.getTime() - BACKDATED);
  const isCa = kind === 'root' || kind === 'intermediate';
  return {
    kind,
    subject: [{ type: 'CN', text: wish.commonName }],
    key: wish.key ?? 'p256',
    notBefore,
    notAfter: wish.notAfter ?? new Date(Math.max(notBefore.getTime(), now.getTime()) + LIFE[kind]),
    version: 3,
    ...(isCa && {
      basicConstraints: { ca: true, ...(wish.pathLength !== undefined && { pathLength: wish.pathLength }) },
    }),
    keyUsage: isCa ? ['keyCertSign', 'cRLSign'] : ['digitalSignature'],
    extendedKeyUsage: isCa ? [] : [kind === 'server' ? 'serverAuth' : 'clientAuth'],
    names,
    detour: 0,
  };
}
