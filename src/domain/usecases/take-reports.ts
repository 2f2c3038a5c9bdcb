import type { Principal } from '../access/administrator.ts';
import { parseDeviceId } from '../identity/device-id-rules.ts';
import { userNameOf, type DeviceId } from '../identity/device-identity.ts';
import { idOfBody, objectIdOf, type ManagedObject } from '../inventory/managed-object.ts';
import { readReport, TOPICS, type Report, type ReportKind } from '../inventory/report.ts';
import type { Refusal } from '../refusal.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { Identifiers } from '../../ports/driven/identifiers.ts';
import type { MessageSink } from '../../ports/driven/message-sink.ts';
import type { InventoryDesk } from '../../ports/driving/inventory-desk.ts';
import type { ReportDesk } from '../../ports/driving/report-desk.ts';

export interface TakeReportsNeeds {
  readonly inventory: Pick<InventoryDesk, 'find'>;
  readonly sink: MessageSink;
  readonly identifiers: Identifiers;
}

/** Hands events, alarms and measurements on, as if the device had published them. */
export class TakeReports implements ReportDesk {
  readonly #needs: TakeReportsNeeds;

  constructor(needs: TakeReportsNeeds) {
    this.#needs = needs;
  }

  async take(by: Principal, kind: ReportKind, given: unknown): Promise<Decision<Report, Refusal>> {
    const { inventory, sink, identifiers } = this.#needs;
    const read = readReport(kind, given);
    if (!read.granted) return read;
    const source = await inventory.find(by, idOfBody(read.value.source));
    if (!source.granted) return source;
    const device = deviceOf(source.value);
    if (!device) return refuse({ code: 'inventory.unusable-report', evidence: { 'source.id': 'belongs to no device' } });
    const report: Report = { id: objectIdOf(identifiers.next()), ...read.value };
    const payload = new TextEncoder().encode(JSON.stringify({ ...report.members, id: report.id }));
    const taken = await sink.accept({ tenant: by.tenant, device, topic: TOPICS[kind], payload, isWill: false });
    return taken === 'full' ? refuse({ code: 'inventory.no-room-for-report' }) : grant(report);
  }
}

/** The device whose user owns the object. */
function deviceOf({ owner }: ManagedObject): DeviceId | undefined {
  const id = parseDeviceId(owner.slice('device_'.length));
  return id.granted && userNameOf(id.value) === owner ? id.value : undefined;
}
