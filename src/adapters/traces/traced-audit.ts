import type { AuditEvent, AuditLog } from '../../ports/driven/audit-log.ts';
import type { TraceFacts, Tracer } from '../../ports/driven/tracer.ts';

/** The same log; whose device it is and what came of it is told to the journey under way too. */
export const tracedAudit = (lines: AuditLog, tracer: Pick<Tracer, 'tell'>): AuditLog => ({
  record(event) {
    const facts = factsIn(event);
    if (facts) tracer.tell(facts);
    lines.record(event);
  },
});

function factsIn(event: AuditEvent): TraceFacts | undefined {
  const { what, tenant } = event;
  switch (what) {
    case 'device.admitted':
      return { tenant, device: event.device, outcome: 'admitted' };
    case 'device.would-be-refused':
      return { wouldBeRefused: event.refusal.code };
    case 'device.refused':
      return { tenant, device: event.device, outcome: 'refused', refusal: event.refusal.code };
    case 'token.issued':
      return { tenant, device: event.device, outcome: 'issued' };
    case 'token.refused':
      return { tenant, device: event.device, outcome: 'refused', refusal: event.reason };
    default:
      return undefined;
  }
}
