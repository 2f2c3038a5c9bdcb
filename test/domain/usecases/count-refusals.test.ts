import { describe, expect, it } from '@jest/globals';
import { CountRefusals } from '../../../src/domain/usecases/count-refusals.ts';
import { InMemoryAuditTrail } from '../../../src/adapters/in-memory/in-memory-audit-trail.ts';
import { emptyState } from '../../../src/adapters/in-memory/in-memory-state.ts';
import type { AuditEvent } from '../../../src/ports/driven/audit-log.ts';
import { FixedClock, NOW, SECOND } from '../../support/certificate-builders.ts';

function counting() {
  const trail = new InMemoryAuditTrail({ state: emptyState() });
  const clock = new FixedClock();
  const lines: AuditEvent[] = [];
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (_facts: object, sentence: string) => void warnings.push(sentence), error: () => undefined };
  const audit = new CountRefusals({ lines: { record: (event) => void lines.push(event) }, trail, clock, log });
  const rows = async (tenant: string) =>
    (await trail.list(tenant, { after: 0 }, 99)).map(({ what, by, subject, before, after }) => ({ what, by, subject, before, ...(JSON.parse(after) as object) }));
  return { trail, clock, lines, warnings, audit, rows };
}

const refused = (code: string, from: string, tenant?: string): AuditEvent => ({
  ...{ what: 'device.refused', refusal: { code: code as 'tenant.ambiguous' }, from, clientId: 'press-7' },
  ...(tenant !== undefined && { tenant }),
});

describe('Refusals in the audit', () => {
  it('are of requests too, under whoever asked, else under the operator', async () => {
    const { audit, rows } = counting();
    for (const tenant of ['main', undefined, undefined]) audit.count({ what: 'request.refused', tenant, code: 'security/Forbidden', from: '10.0.0.9' });
    await audit.keep();
    expect([await rows('main'), await rows('management')]).toMatchObject([[{ what: 'request.refused', count: 1 }], [{ subject: 'security/Forbidden', count: 2 }]]);
  });

  it('are counted by class: one row for all of one kind since the last time', async () => {
    const { audit, rows, clock, lines } = counting();
    for (let i = 0; i < 1_000; i += 1) {
      clock.set(new Date(NOW.getTime() + i));
      audit.record(refused('path.outside-validity', `10.0.0.${i % 9}`, 'main'));
    }
    audit.record(refused('tenant.no-anchor-found', '10.0.0.1'));
    expect([await rows('main'), lines.length]).toEqual([[], 1_001]);
    await audit.keep();
    expect(await rows('main')).toEqual([
      {
        ...{ what: 'device.refused', by: 'fleetgate', subject: 'path.outside-validity', before: '', count: 1_000 },
        ...{ first: NOW.toISOString(), last: new Date(NOW.getTime() + 999).toISOString() },
        from: ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'],
      },
    ]);
    expect(await rows('management')).toMatchObject([{ subject: 'tenant.no-anchor-found', count: 1 }]);
    await audit.keep();
    expect(await rows('main')).toHaveLength(1);
  });

  it('are of devices, of tokens, of logins and of proofs', async () => {
    const { audit, rows } = counting();
    audit.record({ what: 'token.refused', tenant: 'main', device: 'press-7', reason: 'token.switched-off' });
    audit.record({ what: 'login.limited', tenant: '', by: '10.0.0.9', subject: 'eve (60 s)' });
    audit.record({ what: 'possession.refused', tenant: 'main', by: 'main/admin', subject: 'abc' });
    audit.record({ what: 'device.admitted', tenant: 'main', device: 'press-7', registered: true, from: '10.0.0.9' });
    audit.record({ what: 'anchor.added', tenant: 'main', by: 'main/admin', subject: 'abc' });
    await audit.keep();
    expect(await rows('main')).toMatchObject([
      { what: 'token.refused', subject: 'token.switched-off', count: 1, from: [] },
      { what: 'possession.refused', subject: 'abc', from: ['main/admin'] },
    ]);
    expect(await rows('management')).toMatchObject([{ what: 'login.limited', subject: 'access.too-many-attempts', from: ['10.0.0.9'] }]);
  });

  it('are counted on while the store is out of order, and nobody waits for it', async () => {
    const { audit, rows, trail, warnings, clock } = counting();
    const append = trail.append.bind(trail);
    trail.append = async () => Promise.reject(new Error('no disk'));
    audit.record(refused('tenant.ambiguous', '10.0.0.1', 'main'));
    const keeping = audit.keep();
    clock.set(new Date(NOW.getTime() + SECOND));
    audit.record(refused('tenant.ambiguous', '10.0.0.2', 'main'));
    await keeping;
    expect(warnings).toHaveLength(1);
    trail.append = append;
    await audit.keep();
    expect(await rows('main')).toMatchObject([{ count: 2, first: NOW.toISOString(), last: clock.now().toISOString(), from: ['10.0.0.1', '10.0.0.2'] }]);
  });
});
