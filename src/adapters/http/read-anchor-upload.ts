import type { Refusal } from '../../domain/refusal.ts';
import { grant, refuse, type Decision } from '../../domain/shared/decision.ts';
import type { TrustAnchor } from '../../domain/trust/trust-anchor.ts';
import type { AnchorUpload, AnchorWish } from '../../ports/driving/trust-desk.ts';
import { badRequest, type Problem } from './problem.ts';
import { problemOf } from './problems.ts';

type Members = Readonly<Record<string, unknown>>;

/** Most certificates in one request: each costs a signature check and a durable write. */
const MOST = 100;

/**
 * The uploads of a POST: one certificate, or several as `{"certificates":[…]}`, which clients send to either path. Where they are not to be
 * trusted, they are disabled whatever they ask for (D-23).
 */
export function readUploads(body: unknown, { trusted }: { readonly trusted: boolean }): Decision<readonly AnchorUpload[], Problem> {
  if (!isObject(body)) return refuse(badRequest('The body must be a JSON object with certInPemFormat and status, or with certificates.'));
  if (!('certificates' in body)) {
    const upload = readUpload(body, trusted);
    return upload.granted ? grant([upload.value]) : upload;
  }
  const list: unknown = body['certificates'];
  if (!Array.isArray(list) || list.length < 1 || list.length > MOST)
    return refuse(badRequest(`certificates must be a list of 1 to ${MOST} certificates.`));
  const uploads: AnchorUpload[] = [];
  for (const [i, item] of list.entries()) {
    const upload = readUpload(item, trusted);
    if (!upload.granted) return refuse({ ...upload.refusal, message: `certificates[${i}]: ${upload.refusal.message}` });
    uploads.push(upload.value);
  }
  return grant(uploads);
}

function readUpload(item: unknown, trusted: boolean): Decision<AnchorUpload, Problem> {
  if (!isObject(item)) return refuse(badRequest('A certificate must be a JSON object with certInPemFormat and status.'));
  const certificate = item['certInPemFormat'];
  if (typeof certificate !== 'string' || certificate === '') return refused({ code: 'anchor.unreadable', evidence: { certInPemFormat: 'missing' } });
  const wish = readWish(item);
  if (!wish.granted) return wish;
  const { name = '', status, autoRegistration = false } = wish.value;
  if (status === undefined) return refused({ code: 'anchor.status', evidence: { status: 'missing' } });
  return grant({ certificate, name, status: trusted ? status : 'disabled', autoRegistration });
}

/** What a PUT changes. Each member may be missing; read-only and unknown ones are ignored. */
export function readWish(body: unknown): Decision<AnchorWish, Problem> {
  if (!isObject(body)) return refuse(badRequest('The body must be a JSON object with name, status or autoRegistrationEnabled.'));
  const { name, status, autoRegistrationEnabled: auto } = body;
  if (name != null && typeof name !== 'string') return refused({ code: 'anchor.name', evidence: { name: `a ${typeof name}` } });
  if (status != null && !isStatus(status)) return refused({ code: 'anchor.status', evidence: { status: shown(status) } });
  if (auto != null && !isFlag(auto)) return refuse(badRequest('autoRegistrationEnabled must be true or false.'));
  return grant({
    ...(name != null && { name }),
    ...(status != null && { status: STATUS[status] }),
    // The documentation of the platform itself sends the word as a string.
    ...(auto != null && { autoRegistration: auto === true || auto === 'true' }),
  });
}

const STATUS: Readonly<Record<'ENABLED' | 'DISABLED', TrustAnchor['status']>> = { ENABLED: 'enabled', DISABLED: 'disabled' };

const isStatus = (value: unknown): value is keyof typeof STATUS => value === 'ENABLED' || value === 'DISABLED';
const isFlag = (value: unknown): boolean => typeof value === 'boolean' || value === 'true' || value === 'false';
const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A word is shown again; anything longer may be a key that went into the wrong member (R13). */
const shown = (value: unknown): string =>
  typeof value === 'string' ? (/^\w{1,16}$/.test(value) ? value : `a text of ${value.length} characters`) : `a ${typeof value}`;

const refused = (refusal: Refusal): Decision<never, Problem> => refuse(problemOf(refusal));
