import { describe, expect, it } from '@jest/globals';
import { generalNameText, type GeneralName } from '../../../src/domain/certificates/general-name.ts';
import { aName } from '../../support/certificate-builders.ts';

const dns = (value: string): GeneralName => ({ form: 'dns', value });

describe('A name in evidence tells its form, is short, and prints as it is', () => {
  it.each<[text: string, name: GeneralName]>([
    ['DNS "plant.example.com"', dns('plant.example.com')],
    ['EMAIL "a@example.com"', { form: 'email', value: 'a@example.com' }],
    ['URI "https://example.com/"', { form: 'uri', value: 'https://example.com/' }],
    ['IP 0a000001', { form: 'ip', bytes: Uint8Array.of(10, 0, 0, 1) }],
    ['DN O=Works', { form: 'directory', name: aName('O=Works') }],
    ['a name with the tag 0xa0', { form: 'other', tag: 0xa0 }],
    ['DNS "\\x00\\x0a\\x1b\\x7f ~\\xe9"', dns('\u0000\n\u001b\u007f ~é')],
    [`DNS "${'b'.repeat(100)}"`, dns('b'.repeat(101))],
    [`DN O=${'b'.repeat(98)}`, { form: 'directory', name: aName(`O=${'b'.repeat(99)}`) }],
  ])('%s', (text, name) => {
    expect(generalNameText(name)).toBe(text);
  });
});
