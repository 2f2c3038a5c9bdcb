import type { AuditEvent, AuditLog } from '../../ports/driven/audit-log.ts';
import type { Metrics } from '../../ports/driven/metrics.ts';

export interface CountOutcomesNeeds {
  readonly lines: AuditLog;
  readonly metrics: Pick<Metrics, 'count'>;
}

/** Passes everything on, and counts what came of connects, tokens and logins: what is said to the audit is said to the figures. */
export class CountOutcomes implements AuditLog {
  readonly #needs: CountOutcomesNeeds;

  constructor(needs: CountOutcomesNeeds) {
    this.#needs = needs;
  }

  record(event: AuditEvent): void {
    const { lines, metrics } = this.#needs;
    lines.record(event);
    const { tenant = '' } = event;
    switch (event.what) {
      case 'device.admitted':
        if (event.registered) metrics.count('fleetgate_devices_registered_total', { tenant });
        return metrics.count('fleetgate_connects_total', { tenant, outcome: 'admitted' });
      case 'device.refused':
        return metrics.count('fleetgate_connects_total', { tenant, outcome: event.refusal.code });
      case 'device.would-be-refused':
        return metrics.count('fleetgate_connects_would_be_refused_total', { tenant, code: event.refusal.code });
      case 'token.issued':
        return metrics.count('fleetgate_tokens_total', { tenant, outcome: 'issued' });
      case 'token.refused':
        return metrics.count('fleetgate_tokens_total', { tenant, outcome: event.reason ?? '' });
      case 'login.limited':
        return metrics.count('fleetgate_logins_limited_total', { tenant });
      default:
        return undefined;
    }
  }
}
