import type { Logger } from 'pino';
import { sentenceOf } from '../../domain/refusal.ts';
import type { AuditEvent, AuditLog } from '../../ports/driven/audit-log.ts';
import { presentable, presentableText } from './presentable.ts';

/** One line an event, told from other lines by the member `audit`, which names the event. */
export class PinoAuditLog implements AuditLog {
  readonly #logger: Logger;

  constructor({ logger }: { readonly logger: Logger }) {
    // Records are no matter of the level, unless everything is silent.
    this.#logger = logger.child({}, { level: logger.level === 'silent' ? 'silent' : 'info' });
  }

  record(event: AuditEvent): void {
    try {
      const { what, ...facts } = event;
      // What somebody should look at now stands out of the records of what went as it should.
      this.#logger[what === 'registration.quota-full' ? 'warn' : 'info']({ audit: what, ...(presentable(flat(facts)) as object) }, presentableText(sentenceFor(event)));
    } catch {
      // A decision does not depend on its record.
    }
  }
}

/** The refusal's members stand beside the others, its code as `refusal`. */
const flat = (facts: Omit<AuditEvent, 'what'>): object => {
  if (!('refusal' in facts)) return facts;
  const { refusal, ...rest } = facts as Extract<AuditEvent, { what: 'device.refused' | 'device.would-be-refused' }>;
  const { code, depth, evidence } = refusal;
  return { refusal: code, ...(depth !== undefined && { depth }), ...(evidence && { evidence }), ...rest };
};

function sentenceFor(event: AuditEvent): string {
  switch (event.what) {
    case 'device.admitted':
      return `Device ${event.device} of tenant ${event.tenant} was admitted${event.registered ? ' and registered' : ''}.`;
    case 'device.refused':
      return sentenceOf(event.refusal);
    case 'device.would-be-refused':
      return `Device ${event.device} of tenant ${event.tenant} was admitted, and would be refused: ${sentenceOf(event.refusal)}`;
    case 'token.issued':
      return `Device ${event.device} of tenant ${event.tenant} got a token.`;
    case 'token.refused':
      return `Device ${event.device} of tenant ${event.tenant} got no token${event.reason ? `: ${event.reason}` : ''}.`;
    default:
      return `${event.what}: ${event.subject} of tenant ${event.tenant}, by ${event.by}${
        event.sessionsEnded ? `; ${event.sessionsEnded} session${event.sessionsEnded === 1 ? '' : 's'} ended` : ''
      }${event.reason === undefined ? '' : `; reason: ${event.reason}`}.`;
  }
}
