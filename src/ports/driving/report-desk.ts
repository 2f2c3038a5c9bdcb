import type { Principal } from '../../domain/access/administrator.ts';
import type { Report, ReportKind } from '../../domain/inventory/report.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import { token } from '../token.ts';

/**
 * Takes events, alarms and measurements that come by HTTP, and hands them where the messages of devices go (D-36).
 *
 * - `by` reports of objects that it may see; the message is one of the device that owns the source.
 * - Resolves when the sink has taken it; a rejected promise means that it has not, and may be told again.
 */
export interface ReportDesk {
  take(by: Principal, kind: ReportKind, report: unknown): Promise<Decision<Report, Refusal>>;
}

export const ReportDesk = token<ReportDesk>('ReportDesk');
