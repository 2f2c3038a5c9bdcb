import { CHANGE_OPTIONS } from '../impact/change-options.ts';
import { REFUSAL_OPTIONS } from '../explanations/refusal-detail.ts';
import { QUOTA_OPTIONS } from '../overload/new-device-quota.ts';
import { TOKEN_OPTIONS } from '../tokens/token-policy.ts';
import { CHECK_OPTIONS } from './check-options.ts';

/** What a tenant chose for itself, under a name of two parts. */
export interface TenantOption {
  readonly category: string;
  readonly key: string;
  readonly value: string;
}

/** Characters of category and key together, and of the value. */
const LIMITS = { name: 256, value: 4096 } as const;

/** What stands in the place of a secret wherever options are read, as on the compatible platform. Written back, it changes nothing. */
export const MASK = '<<Encrypted>>';

/** Options whose keys begin so are secrets: they are written, and never read (D-32). */
export const isSecret = (key: string): boolean => key.startsWith('credentials.');

export const nameOf = ({ category, key }: Pick<TenantOption, 'category' | 'key'>): string => `${category}/${key}`;

interface KnownOption {
  readonly usual: string;
  readonly form: string;
  readonly fits: (value: string) => boolean;
}

/** Those that Fleetgate reads, by `category/key`. */
const KNOWN = new Map<string, KnownOption>(Object.entries({ ...TOKEN_OPTIONS, ...CHANGE_OPTIONS, ...REFUSAL_OPTIONS, ...CHECK_OPTIONS, ...QUOTA_OPTIONS }));

/** The value that counts where none was set; undefined for options that Fleetgate does not read. */
export function defaultOf(option: Pick<TenantOption, 'category' | 'key'>): string | undefined {
  return KNOWN.get(nameOf(option))?.usual;
}

/** What keeps an option from being set, as evidence; undefined: nothing. */
export function wrongOption({ category, key, value }: TenantOption): Readonly<Record<string, string>> | undefined {
  const name = nameOf({ category, key });
  if (category === '' || key === '' || name.length > LIMITS.name || value.length > LIMITS.value) {
    return { form: `category and key together at most ${LIMITS.name} characters, the value ${LIMITS.value}` };
  }
  const known = KNOWN.get(name);
  return known && !known.fits(value) ? { option: name, form: known.form } : undefined;
}
