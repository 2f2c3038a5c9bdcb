import type { DeviceId } from '../identity/device-identity.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import type { TenantId } from '../trust/tenant.ts';
import { readRequestPath, type PathSegments } from './request-path.ts';

/** One segment of a template. `rest` stands at the end only. */
type Part = { readonly is: 'tenant' | 'device' | 'any' | 'rest' } | { readonly is: 'text'; readonly text: string };

/** Which paths are a device's own: `/files/{tenant}/{device}/**`. Made by `parsePathTemplate` only. */
export type PathTemplate = readonly Part[];

const PLACES: Readonly<Record<string, Part>> = { '{tenant}': { is: 'tenant' }, '{device}': { is: 'device' }, '*': { is: 'any' }, '**': { is: 'rest' } };

/**
 * Whole segments only: `{tenant}` and `{device}` are those of the token, `*` is one segment that is not empty, `**` at the end is any number of
 * them, and everything else stands for itself. Undefined for what is no template.
 */
export function parsePathTemplate(text: string): PathTemplate | undefined {
  const read = readRequestPath(text.replaceAll(/\{(tenant|device)\}/g, '+$1+'));
  if (!read.granted || text.includes('?')) return undefined;
  const parts = text.slice(1).split('/').map(partOf);
  const isWhole = parts.every((part, i) => part !== undefined && (part.is !== 'rest' || i === parts.length - 1));
  return isWhole ? (parts as PathTemplate) : undefined;
}

/** Part of a template; undefined for a piece of a place, such as `x-{device}`. */
const partOf = (segment: string): Part | undefined => {
  const place = Object.hasOwn(PLACES, segment) ? PLACES[segment] : undefined;
  return place ?? (/[{}*%]/.test(segment) ? undefined : { is: 'text', text: segment });
};

export interface Whose {
  readonly tenant: TenantId;
  readonly device: DeviceId;
}

type PathRefusalCode = 'access.path-unknown' | 'access.path-malformed' | 'access.path-not-permitted';

/**
 * May this device go there (T08)? `uris` are all that the proxy said was asked for: a proxy sets one and passes others on as the client sent
 * them, so where they differ nobody knows which one is true.
 */
export function decidePath(
  templates: readonly PathTemplate[],
  uris: readonly string[],
  whose: Whose,
): Decision<undefined, RefusalOf<PathRefusalCode>> {
  const [uri] = uris;
  if (uri === undefined) return refuse({ code: 'access.path-unknown', evidence: { found: 'none' } });
  if (uris.some((other) => other !== uri)) return refuse({ code: 'access.path-unknown', evidence: { found: 'several that differ' } });
  const segments = readRequestPath(uri);
  if (!segments.granted) return segments;
  const isOwn = templates.some((template) => fits(template, segments.value, whose));
  return isOwn ? grant(undefined) : refuse({ code: 'access.path-not-permitted' });
}

function fits(template: PathTemplate, segments: PathSegments, whose: Whose): boolean {
  const endsOpen = template.at(-1)?.is === 'rest';
  const fixed = endsOpen ? template.slice(0, -1) : template;
  if (endsOpen ? segments.length < fixed.length : segments.length !== fixed.length) return false;
  return fixed.every((part, i) => fitsPart(part, segments[i]!, whose));
}

function fitsPart(part: Part, segment: string, { tenant, device }: Whose): boolean {
  switch (part.is) {
    case 'tenant':
      return segment === tenant;
    case 'device':
      return segment === device;
    case 'any':
      return segment !== '';
    case 'text':
      return segment === part.text;
    case 'rest':
      return true;
  }
}
