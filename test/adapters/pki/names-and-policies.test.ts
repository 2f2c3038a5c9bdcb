import { describe, expect, it } from '@jest/globals';
import { OID, type Certificate } from '../../../src/domain/certificates/certificate.ts';
import { ForgeCertificateReader } from '../../../src/adapters/pki/forge-certificate-reader.ts';
import { certificateDer, commonName, extension, int, nul, oid, raw, seq, tagged, text, tlv } from '../../support/der-builder.ts';
import { aName } from '../../support/certificate-builders.ts';

const reader = new ForgeCertificateReader();
const read = (type: string, value: Buffer) => reader.read(certificateDer({ extensions: tagged(3, seq(extension(type, value, true))) }));
const field = <F extends keyof Certificate>(type: string, value: Buffer, name: F): Certificate[F] | string => {
  const certificate = read(type, value);
  return certificate.granted ? certificate.value[name] : certificate.refusal.code;
};
const problem = (type: string, value: Buffer): unknown => {
  const certificate = read(type, value);
  return certificate.granted ? 'was read' : [certificate.refusal.code, certificate.refusal.evidence];
};

const dns = (name: string) => text(0x82, name);
const mail = (name: string) => text(0x81, name);
const uri = (name: string) => text(0x86, name);

describe('Alternative names are read as they are (RFC 5280 §4.2.1.6)', () => {
  it('of every form', () => {
    const all = seq(dns('example.com'), mail('a@b.c'), uri('urn:x'), tlv(0x87, '0a000001'), tagged(4, commonName('press-7')), tlv(0x88, '2a03'), tagged(0, oid('1.2.3'), tagged(0, nul())));
    expect(field(OID.subjectAltName, all, 'subjectAltNames')).toEqual([
      { form: 'dns', value: 'example.com' },
      { form: 'email', value: 'a@b.c' },
      { form: 'uri', value: 'urn:x' },
      { form: 'ip', bytes: Uint8Array.of(10, 0, 0, 1) },
      { form: 'directory', name: aName('CN=press-7') },
      { form: 'other', tag: 0x88 },
      { form: 'other', tag: 0xa0 },
    ]);
  });

  it('X19 by the thousand', () => {
    const many = seq(...Array.from({ length: 2_500 }, (_, i) => dns(`a${i % 10}`)));
    expect(field(OID.subjectAltName, many, 'subjectAltNames')).toHaveLength(2_500);
  });

  it.each([
    ['an empty list', seq(), 'chain.malformed-certificate', { field: 'subjectAltName', problem: 'is empty' }],
    ['no list', nul(), 'chain.malformed-certificate', { field: 'subjectAltName', problem: 'is not a SEQUENCE' }],
    ['a directoryName that is two names', seq(tagged(4, commonName('a'), commonName('b'))), 'chain.malformed-certificate', { field: 'subjectAltName', problem: 'holds a directoryName that is not one name' }],
  ])('%s is refused', (_what, value, code, evidence) => {
    expect(problem(OID.subjectAltName, value)).toEqual([code, evidence]);
  });

  it('X16 a DNS name with a byte that is no character is refused', () => {
    expect(problem(OID.subjectAltName, seq(tlv(0x82, 'c3a9')))).toEqual(['chain.not-der', expect.objectContaining({ problem: 'bytes of a string are no character of its type, IA5String' })]);
  });
});

describe('Name constraints are read as they are (RFC 5280 §4.2.1.10)', () => {
  it('permitted and excluded', () => {
    const value = seq(tagged(0, seq(dns('example.com'))), tagged(1, seq(tlv(0x87, '0a000000ff000000')), seq(mail('.example.com'))));
    expect(field(OID.nameConstraints, value, 'nameConstraints')).toEqual({
      permitted: [{ form: 'dns', value: 'example.com' }],
      excluded: [{ form: 'ip', bytes: Uint8Array.of(10, 0, 0, 0, 255, 0, 0, 0) }, { form: 'email', value: '.example.com' }],
    });
  });

  it.each([
    ['neither list', seq(), 'is not permitted and excluded subtrees'],
    ['the lists in the wrong order', seq(tagged(1, seq(dns('a'))), tagged(0, seq(dns('b')))), 'is not permitted and excluded subtrees'],
    ['an empty list', seq(tagged(0)), 'holds an empty list of subtrees'],
    ['a minimum', seq(tagged(0, seq(dns('a'), tlv(0x80, '01')))), 'holds a subtree with a minimum or maximum, which RFC 5280 does not allow'],
  ])('%s is refused', (_what, value, why) => {
    expect(problem(OID.nameConstraints, value)).toEqual(['chain.malformed-certificate', { field: 'nameConstraints', problem: why }]);
  });
});

describe('Policies are read as they are (RFC 5280 §4.2.1.4–5, §4.2.1.11, §4.2.1.14)', () => {
  it('policies without what their qualifiers say', () => {
    const value = seq(seq(oid('1.2.3')), seq(oid('2.5.29.32.0'), seq(seq(oid('1.3.6.1.5.5.7.2.1'), text(0x16, 'https://example.com')))));
    expect(field(OID.certificatePolicies, value, 'policies')).toEqual(['1.2.3', '2.5.29.32.0']);
  });
  it('mappings', () => {
    expect(field(OID.policyMappings, seq(seq(oid('1.2.3'), oid('1.2.4'))), 'policyMappings')).toEqual([{ issuerDomain: '1.2.3', subjectDomain: '1.2.4' }]);
  });
  it.each([
    ['both', seq(tlv(0x80, '00'), tlv(0x81, '7f')), { requireExplicitPolicy: 0, inhibitPolicyMapping: 127 }],
    ['one', seq(tlv(0x81, '0080')), { inhibitPolicyMapping: 128 }],
    ['more than any path has', seq(tlv(0x80, '0100000000')), { requireExplicitPolicy: 0x7fff_ffff }],
  ])('constraints: %s', (_what, value, constraints) => {
    expect(field(OID.policyConstraints, value, 'policyConstraints')).toEqual(constraints);
  });
  it('the inhibition of anyPolicy', () => {
    expect(field(OID.inhibitAnyPolicy, int(2), 'inhibitAnyPolicy')).toBe(2);
  });

  it.each([
    ['an empty list of policies', OID.certificatePolicies, seq(), { field: 'certificatePolicies', problem: 'is empty' }],
    ['a policy twice', OID.certificatePolicies, seq(seq(oid('1.2.3')), seq(oid('1.2.3'))), { field: 'certificatePolicies', problem: 'names a policy twice' }],
    ['a policy with two lists of qualifiers', OID.certificatePolicies, seq(seq(oid('1.2.3'), seq(), seq())), { field: 'certificatePolicies', problem: 'holds something beside policies and qualifiers' }],
    ['an empty list of mappings', OID.policyMappings, seq(), { field: 'policyMappings', problem: 'is empty' }],
    ['a mapping of three', OID.policyMappings, seq(seq(oid('1.2.3'), oid('1.2.4'), oid('1.2.5'))), { field: 'policyMappings', problem: 'holds a mapping that is not two policies' }],
    ['constraints of nothing', OID.policyConstraints, seq(), { field: 'policyConstraints', problem: 'is not two numbers of certificates' }],
    ['constraints in the wrong order', OID.policyConstraints, seq(tlv(0x81, '00'), tlv(0x80, '00')), { field: 'policyConstraints', problem: 'is not two numbers of certificates' }],
    ['a negative number', OID.policyConstraints, seq(tlv(0x80, 'ff')), { field: 'policyConstraints', problem: 'holds a number that is negative or padded' }],
    ['a padded number', OID.policyConstraints, seq(tlv(0x80, '0001')), { field: 'policyConstraints', problem: 'holds a number that is negative or padded' }],
    ['a number without a byte', OID.policyConstraints, seq(tlv(0x80)), { field: 'policyConstraints', problem: 'holds a number that is negative or padded' }],
    ['an inhibition that is no number', OID.inhibitAnyPolicy, raw('0500'), { field: 'inhibitAnyPolicy', problem: 'is not an INTEGER' }],
    ['a negative inhibition', OID.inhibitAnyPolicy, raw('0201ff'), { field: 'inhibitAnyPolicy', problem: 'holds a number that is negative or padded' }],
  ])('%s is refused', (_what, type, value, evidence) => {
    expect(problem(type, value)).toEqual(['chain.malformed-certificate', evidence]);
  });
});
