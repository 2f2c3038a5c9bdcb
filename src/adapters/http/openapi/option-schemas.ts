import type { Answer, JsonSchema } from './operation.ts';
import { LINK, list, pageOf, record, TEXT } from './schemas.ts';

const value = { type: 'string', maxLength: 4096 } as const;
const option = { title: 'TenantOption', ...record({ self: LINK, category: TEXT, key: TEXT, value }) };
/** Values by key. */
const map = { type: 'object', additionalProperties: value } as const;

export const OPTION: Answer = { is: 'The option with the value in force. A secret shows as <<Encrypted>>.', body: option };
export const OPTIONS: Answer = {
  is: 'One page of the options that were set, by category and key. Secrets show as <<Encrypted>>.',
  body: pageOf('TenantOptions', 'options', option),
};
export const SYSTEM_OPTIONS: Answer = { is: 'All of them.', body: { title: 'SystemOptions', ...record({ self: LINK, options: list(option) }) } };
export const OPTION_MAP: Answer = { is: 'The values that were set, by key. Secrets show as <<Encrypted>>.', body: map };

export const VALUE: JsonSchema = { type: 'object', required: ['value'], properties: { value } };
export const VALUES: JsonSchema = { ...map, maxProperties: 100 };
export const NEW_OPTION: JsonSchema = {
  type: 'object',
  required: ['category', 'key', 'value'],
  properties: { category: { type: 'string', minLength: 1 }, key: { type: 'string', minLength: 1 }, value },
};
