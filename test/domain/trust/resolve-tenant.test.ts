import { describe, expect, it } from '@jest/globals';
import { resolveTenant, type TenantQuestion } from '../../../src/domain/trust/resolve-tenant.ts';
import { parseDomain, parseTenantId } from '../../../src/domain/trust/tenant.ts';
import { anAnchor, aTenant, aTenantId } from '../../support/certificate-builders.ts';

const A = aTenantId('a');
const B = aTenantId('b');
const C = aTenantId('c');
const ambiguous = (): TenantQuestion => ({
  anchors: [anAnchor({ tenant: A }), anAnchor({ tenant: B })],
  tenants: [aTenant({ id: A }), aTenant({ id: B }), aTenant({ id: C })],
});
const proven = (tenant: typeof A) => anAnchor({ tenant, possessionProven: true });

describe('The certificate decides whose device it is (D-5)', () => {
  it('one tenant: that one, whatever else is said', () => {
    for (const userName of ['b/press-7', 'b', '', undefined]) {
      const question = { ...ambiguous(), anchors: [anAnchor({ tenant: A }), anAnchor({ tenant: A })], serverName: 'b.example.com' };
      expect(resolveTenant({ ...question, ...(userName !== undefined && { userName }) })).toMatchObject({ value: { id: A } });
    }
  });

  it('T01 several tenants and no word about which: refused, never the first', () => {
    expect(resolveTenant(ambiguous())).toEqual({ granted: false, refusal: { code: 'tenant.ambiguous' } });
  });

  it.each(['b', 'b/device_press-7', 'b/'])('several tenants: the user name %s chooses b', (userName) => {
    expect(resolveTenant({ ...ambiguous(), userName })).toMatchObject({ granted: true, value: { id: B } });
  });

  it.each(['c', 'c/x', 'B', 'bb', ''])('T04 the user name %s chooses nothing: the certificate does not lead there', (userName) => {
    expect(resolveTenant({ ...ambiguous(), userName })).toMatchObject({ refusal: { code: 'tenant.ambiguous' } });
  });

  it('several tenants: the only one that has proven possession', () => {
    const question = { ...ambiguous(), anchors: [anAnchor({ tenant: A }), proven(B)] };
    expect(resolveTenant(question)).toMatchObject({ value: { id: B } });
    expect(resolveTenant({ ...question, userName: 'a' })).toMatchObject({ value: { id: A } });
    expect(resolveTenant({ ...question, serverName: 'a.example.com' })).toMatchObject({ value: { id: B } });
  });

  it('two that have proven possession are several', () => {
    expect(resolveTenant({ ...ambiguous(), anchors: [proven(A), proven(B)] })).toMatchObject({ refusal: { code: 'tenant.ambiguous' } });
  });

  it('several tenants: the one whose configured domain is the server name, in any case', () => {
    expect(resolveTenant({ ...ambiguous(), serverName: 'B.Example.com' })).toMatchObject({ value: { id: B } });
  });

  it.each(['c.example.com', 'example.com', 'localhost', ''])('S06 the server name %s chooses nothing', (serverName) => {
    expect(resolveTenant({ ...ambiguous(), serverName })).toMatchObject({ refusal: { code: 'tenant.ambiguous' } });
  });

  it('a domain that nobody chose decides nothing', () => {
    const tenants = [aTenant({ id: A }), aTenant({ id: B, domainConfigured: false })];
    expect(resolveTenant({ ...ambiguous(), tenants, serverName: 'b.example.com' })).toMatchObject({ refusal: { code: 'tenant.ambiguous' } });
  });

  it('T13 a suspended tenant is refused, and still counts among several', () => {
    const suspended = aTenant({ id: A, status: 'suspended' });
    expect(resolveTenant({ anchors: [anAnchor({ tenant: A })], tenants: [suspended] })).toEqual({ granted: false, refusal: { code: 'tenant.suspended' } });
    expect(resolveTenant({ ...ambiguous(), tenants: [suspended, aTenant({ id: B })] })).toMatchObject({ refusal: { code: 'tenant.ambiguous' } });
  });
});

describe('Names of tenants', () => {
  it.each(['a', 't1', '0x', 'a-b_c', 'x'.repeat(32), 'management'])('%s is an id', (id) => {
    expect(parseTenantId(id)).toBe(id);
  });
  it.each(['', 'A', 'a b', 'a/b', '-a', '_a', 'a%', 'é', 'x'.repeat(33), 'a\n', '../a'])('T16 %j is none', (id) => {
    expect(parseTenantId(id)).toBeUndefined();
  });
  it.each([['localhost'], ['IoT.Example.com', 'iot.example.com'], ['a-1.b']])('%s is a domain', (domain, parsed = domain) => {
    expect(parseDomain(domain)).toBe(parsed);
  });
  it.each(['', 'a.', '.a', '-a', 'a..b', 'https://a', 'a:1', 'a b', `${'a'.repeat(64)}.b`, `${'a.'.repeat(127)}ab`])('%j is no domain', (domain) => {
    expect(parseDomain(domain)).toBeUndefined();
  });
});
