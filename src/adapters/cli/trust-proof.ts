import { createPrivateKey, createPublicKey, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { grant, refuse } from '../../domain/shared/decision.ts';
import { said, type AdminAction, type CommonOptions } from './admin-command.ts';
import type { ApiClient, Upload } from './api-client.ts';
import { EXIT, fail, type CliFailure, type Outcome } from './cli-failure.ts';
import { printable } from './printable.ts';
import { reasonOf } from './reason-of.ts';
import { pathOf, type TrustedView } from './trusted-view.ts';

interface ProvableView extends TrustedView {
  readonly certInPemFormat: string;
  readonly proofOfPossessionUnsignedVerificationCode?: string;
  readonly proofOfPossessionVerificationCodeUsableUntil?: string;
}

const FINGERPRINT = ['<fingerprint>', 'as `trust list` shows it'] as const;
/** A code that ends sooner is not begun with. */
const MARGIN_MS = 60_000;

/** Code, signature and proof in one: what wire-contract §1.7 asks of a person in three steps. */
export const PROVE: AdminAction<CommonOptions & { readonly key?: string }> = {
  name: 'prove',
  about: 'prove that you have the private key of a CA certificate that your tenant trusts; the key stays on this machine',
  arguments: [FINGERPRINT],
  examples: ['trust prove 1f0c… --key ca.key'],
  as: 'own',
  options: (command) => command.requiredOption('--key <file>', 'PEM file with the private key of the CA'),
  run: async (api, { args: [fingerprint = ''], options }) => {
    const key = await readKey(options.key!);
    if (!key.granted) return key;
    const path = await pathOf(api);
    if (!path.granted) return path;
    const name = encodeURIComponent(fingerprint);
    const found = await api.get(`${path.value}/${name}`);
    if (!found.granted) return found;
    const view = found.value as ProvableView;
    if (!belongTogether(view, key.value)) return fail(EXIT.usage, `'${options.key}' is the key of another certificate than ${view.subject}. Nothing was sent.`);
    const code = await codeOf(api, view, `${path.value}-pop/${name}`);
    if (!code.granted) return code;
    const digest = key.value.asymmetricKeyType === 'ed25519' ? null : 'sha256';
    const proofOfPossessionSignedVerificationCode = sign(digest, Buffer.from(code.value), key.value).toString('base64');
    const proven = await api.post(`${path.value}-pop/${name}/pop`, { proofOfPossessionSignedVerificationCode });
    return proven.granted ? said(proven.value, ...possessed('Proven', proven.value as TrustedView)) : proven;
  },
};

export const CONFIRM: AdminAction<CommonOptions> = {
  name: 'confirm',
  about: 'vouch, as the operator of the instance, that a tenant has the private key of a CA certificate',
  arguments: [['<tenant>', 'whose certificate it is'], FINGERPRINT],
  examples: ['trust confirm acme 1f0c…'],
  as: 'management',
  run: async (api, { args: [tenant = '', fingerprint = ''] }) => {
    const answer = await api.post(`/tenant/tenants/${encodeURIComponent(tenant)}/trusted-certificates-pop/${encodeURIComponent(fingerprint)}/confirmed`);
    return answer.granted ? said(answer.value, ...possessed('Confirmed', answer.value as TrustedView)) : answer;
  },
};

const possessed = (verb: string, { subject, fingerprint }: TrustedView): readonly string[] => [
  printable(`${verb}: the private key of ${subject}, fingerprint ${fingerprint}, is in the hands of its tenant.`),
];

/** Asks the gate of a running server; `explain` asks the same rules without one. */
export const VERIFY: AdminAction<CommonOptions & { readonly tenant?: string }> = {
  name: 'verify',
  about: 'ask the server whether it would let in a device with this chain; nothing is registered',
  arguments: [['<file>', 'PEM: the certificate of the device first, then its issuers']],
  examples: ['trust verify press-7-chain.pem', 'trust verify press-7-chain.pem --tenant acme'],
  as: 'own',
  options: (command) => command.option('--tenant <id>', 'by whose trust (for the management tenant; default: your own)'),
  run: async (api, { args: [file = ''], options: { tenant } }) => {
    const chain = await readFile(file).catch(reasonOf);
    if (typeof chain === 'string') return fail(EXIT.usage, `The chain cannot be read: ${chain}.`);
    if (chain.includes('PRIVATE KEY-----')) return fail(EXIT.usage, `'${file}' holds a private key. Nothing was sent. Give the certificates alone.`);
    const answer = await api.upload('/tenant/trusted-certificates/verify-cert-chain', await formWith(chain, tenant));
    if (!answer.granted) return refuse(withRule(answer.refusal));
    const { tenantId, subject, issuer } = answer.value as Readonly<Record<string, string>>;
    return said(answer.value, printable(`A device with this chain would be let in, as one of tenant ${tenantId}: ${subject}, issued by ${issuer}.`));
  },
};

async function formWith(chain: Buffer, tenant: string | undefined): Promise<Upload> {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(chain)]), 'chain.pem');
  if (tenant !== undefined) form.append('tenantId', tenant);
  const sent = new Response(form);
  const bytes = Buffer.from(await sent.arrayBuffer());
  return { type: sent.headers.get('content-type')!, bytes: Readable.from([bytes]), length: bytes.length };
}

/** The compatible API has one sentence for every chain; the rule that was broken stands in its details. */
function withRule(failure: CliFailure): CliFailure {
  const { code, depth, requires, cites, evidence } = (failure.details ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof code !== 'string' || typeof requires !== 'string') return failure;
  const found = Object.entries((evidence ?? {}) as object).map(([name, value]) => `${name} ${String(value)}`);
  const where = depth === undefined ? '' : ` at depth ${String(depth)}`;
  return { ...failure, message: `${failure.message} ${code}${where}: required is that ${requires} (${String(cites)})${found.length > 0 ? `; found: ${found.join(', ')}` : ''}.` };
}

async function readKey(file: string): Promise<Outcome<KeyObject>> {
  const pem = await readFile(file).catch(reasonOf);
  if (typeof pem === 'string') return fail(EXIT.usage, `The key cannot be read: ${pem}.`);
  try {
    return grant(createPrivateKey(pem));
  } catch {
    return fail(EXIT.usage, `'${file}' is no private key in PEM, or it is encrypted. Nothing was sent. Take the encryption off (openssl pkey -in …), or sign the code that trust list --json shows by openssl dgst.`);
  }
}

function belongTogether({ certInPemFormat }: ProvableView, key: KeyObject): boolean {
  const own = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return new X509Certificate(Buffer.from(certInPemFormat, 'base64')).publicKey.export({ format: 'der', type: 'spki' }).equals(own);
}

async function codeOf(api: ApiClient, view: ProvableView, path: string): Promise<Outcome<string>> {
  const { proofOfPossessionUnsignedVerificationCode: code, proofOfPossessionVerificationCodeUsableUntil: until = '' } = view;
  if (code !== undefined && Date.parse(until) > Date.now() + MARGIN_MS) return grant(code);
  const renewed = await api.post(`${path}/verification-code`);
  return renewed.granted ? grant(String((renewed.value as ProvableView).proofOfPossessionUnsignedVerificationCode)) : renewed;
}
