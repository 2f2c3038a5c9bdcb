import type { KeptRefusal } from '../../src/ports/driven/refusal-store.ts';
import { after, aTenantId, aThumbprint } from './certificate-builders.ts';

/** As the use case makes it, of a certificate that is named by a number. */
export const aRefusal = (n: number, overrides: Partial<KeptRefusal> = {}): KeptRefusal => ({
  tenant: aTenantId(),
  refusal: { code: 'path.outside-validity', depth: 0, evidence: { certificate: '"CN=press-7"', days: 3 } },
  mark: `mark-${n}`,
  leaf: { thumbprint: aThumbprint(`${n}`), serialNumber: '0abc', subject: '"CN=press-7"', issuer: '"CN=Works CA"' },
  ...{ sent: 2, device: 'press-7', clientId: 'd:press-7', from: '192.0.2.7', origin: '192.0.2.7' },
  ...{ count: 1, firstSeen: after(n), lastSeen: after(n) },
  ...overrides,
});
