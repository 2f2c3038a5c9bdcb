import { PATH_RULES, type PathRuleCode } from './certificates/path-rules.ts';
import { ACCESS_REFUSALS } from './refusals/access-refusals.ts';
import { ANCHOR_REFUSALS } from './refusals/anchor-refusals.ts';
import { CHANGE_REFUSALS } from './refusals/change-refusals.ts';
import { CHAIN_REFUSALS } from './refusals/chain-refusals.ts';
import { IDENTITY_REFUSALS } from './refusals/identity-refusals.ts';
import { INVENTORY_REFUSALS } from './refusals/inventory-refusals.ts';
import { LIST_REFUSALS } from './refusals/list-refusals.ts';
import { OVERLOAD_REFUSALS } from './refusals/overload-refusals.ts';
import { PATH_SEARCH_REFUSALS } from './refusals/path-search-refusals.ts';
import { REGISTRATION_REFUSALS } from './refusals/registration-refusals.ts';
import { REVOCATION_REFUSALS } from './refusals/revocation-refusals.ts';
import type { RuleText } from './refusals/rule-text.ts';
import { TENANT_REFUSALS } from './refusals/tenant-refusals.ts';
import { TOKEN_REFUSALS } from './refusals/token-refusals.ts';
import type { RefusalOf } from './shared/refusal-of.ts';

const BY_AREA = {
  ...CHAIN_REFUSALS,
  ...PATH_SEARCH_REFUSALS,
  ...TENANT_REFUSALS,
  ...IDENTITY_REFUSALS,
  ...REGISTRATION_REFUSALS,
  ...TOKEN_REFUSALS,
  ...ANCHOR_REFUSALS,
  ...ACCESS_REFUSALS,
  ...INVENTORY_REFUSALS,
  ...CHANGE_REFUSALS,
  ...REVOCATION_REFUSALS,
  ...LIST_REFUSALS,
  ...OVERLOAD_REFUSALS,
};

/** Every refusal of the system. The codes are public and stable: `area.reason-in-words`. */
export type RefusalCode = keyof typeof BY_AREA | PathRuleCode;

/** Something was refused: by which rule, where, and on what evidence. The words for people are in `REFUSALS`. */
export type Refusal = RefusalOf<RefusalCode>;

/** What each code cites, requires and advises. */
export const REFUSALS: Readonly<Record<RefusalCode, RuleText>> = {
  ...BY_AREA,
  ...(Object.fromEntries(
    PATH_RULES.map(({ code, cites, requires, remedy }) => [code, { cites, requires, remedy }]),
  ) as Record<PathRuleCode, RuleText>),
};

/** One line for a person: code, place, what was expected, what was found, what to do. */
export function sentenceOf({ code, depth, evidence }: Refusal): string {
  const { cites, requires, remedy } = REFUSALS[code];
  const where = depth === undefined ? '' : ` at depth ${depth}`;
  const found = Object.entries(evidence ?? {}).map(([name, value]) => `${name} ${value}`);
  return `${code}${where}: required is that ${requires} (${cites})${found.length ? `; found: ${found.join(', ')}` : ''}. ${remedy}`;
}
