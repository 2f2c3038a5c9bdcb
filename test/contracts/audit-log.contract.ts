import { describe, expect, it } from '@jest/globals';
import { sentenceOf } from '../../src/domain/refusal.ts';
import type { AuditEvent, AuditLog } from '../../src/ports/driven/audit-log.ts';
import { keyBlock } from '../support/key-armour.ts';

export const EVENTS: readonly AuditEvent[] = [
  { what: 'device.admitted', tenant: 'main', device: 'press-7', registered: true, from: '10.0.0.9' },
  { what: 'device.refused', refusal: { code: 'path.outside-validity', depth: 1, evidence: { notAfter: '2026-01-01' } }, from: '10.0.0.9', clientId: 'press-7', certificate: 'CN=press-7', hint: 'CN=Root of other' },
  { what: 'token.issued', tenant: 'main', device: 'press-7' },
  { what: 'token.refused', tenant: 'main', device: 'press-7', reason: 'token.switched-off' },
  { what: 'anchor.changed', tenant: 'main', by: 'admin', subject: 'CN=Root', sessionsEnded: 3 },
  { what: 'keys.rotated', tenant: 'management', by: 'admin', subject: 'new-kid' },
  { what: 'device.blocked', tenant: 'main', by: 'main/admin', subject: 'press-7', reason: 'stolen', sessionsEnded: 1 },
];

/** What every AuditLog that writes lines promises. `open` hands over one and a look at what it wrote. */
export function auditLogContract(name: string, open: () => { subject: AuditLog; lines: () => string[] }): void {
  describe(`${name} keeps the promises of an AuditLog`, () => {
    const written = (...events: AuditEvent[]): string[] => {
      const { subject, lines } = open();
      for (const event of events) subject.record(event);
      return lines();
    };

    it('writes one line an event, which names it', () => {
      const lines = written(...EVENTS);
      expect(lines.map((line) => JSON.parse(line).audit)).toEqual(EVENTS.map(({ what }) => what));
    });

    it('writes why a device was refused, in words and by its code', () => {
      const [line] = written(EVENTS[1]!);
      expect(JSON.parse(line!)).toMatchObject({
        refusal: 'path.outside-validity',
        depth: 1,
        evidence: { notAfter: '2026-01-01' },
        from: '10.0.0.9',
        clientId: 'press-7',
        certificate: 'CN=press-7',
        hint: 'CN=Root of other',
        msg: sentenceOf({ code: 'path.outside-validity', depth: 1, evidence: { notAfter: '2026-01-01' } }),
      });
    });

    it.each([
      ['a line break', 'a\nb'],
      ['a carriage return', 'a\r\nb'],
      ['a line separator', 'a\u2028b'],
      ['a terminal command', '\u001b[2Ja'],
      ['a C1 control', 'a\u009bb'],
      ['a bidirectional override', 'a\u202eb'],
      ['a NUL', 'a\0b'],
      ['half a surrogate pair', 'a\ud800b'],
      ['a line that looks like a record', '"}\n{"audit":"device.admitted"'],
    ])('keeps text from outside on its line: %s', (_what, text) => {
      const lines = written({ what: 'device.refused', refusal: { code: 'identity.missing-common-name' as never, evidence: { id: text } }, from: text, clientId: text }, {
        what: 'anchor.added', tenant: 'main', by: text, subject: text,
      });
      for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      expect(lines.every((line) => JSON.parse(line).audit !== 'device.admitted')).toBe(true);
    });

    it('bounds text from outside', () => {
      const [line] = written({ what: 'device.refused', refusal: { code: 'tenant.ambiguous' }, from: '::1', clientId: 'x'.repeat(1_000_000) });
      expect(line!.length).toBeLessThan(4_000);
    });

    it('J12 writes no token, private key or password, wherever one turns up', () => {
      const secrets = [
        'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJkZXZpY2VfMSJ9.c2lnbmF0dXJlLXBhcnQ',
        keyBlock('MHcCAQEEIGsecretsecret', 'EC PRIVATE KEY').trimEnd(),
        'Basic bWFpbi9hZG1pbjpzZWNyZXRwYXNzd29yZA==',
      ];
      for (const secret of secrets) {
        const [line] = written({ what: 'device.refused', refusal: { code: 'tenant.ambiguous' }, from: '::1', clientId: `x ${secret} y`, hint: secret });
        for (const word of secret.split(/[\s.]+/).filter((part) => part.length > 12)) expect(line).not.toContain(word);
        expect(line).toContain('[redacted]');
      }
    });

    it('never throws, whatever it is given', () => {
      const { subject } = open();
      const hostile = { what: 'token.issued', get tenant(): string { throw new Error('no'); }, device: 'd' };
      for (const event of [hostile, { what: 'device.refused' }, { what: 'device.refused', refusal: { code: 'no.such-code' } }, {}]) {
        expect(() => subject.record(event as AuditEvent)).not.toThrow();
      }
    });
  });
}
