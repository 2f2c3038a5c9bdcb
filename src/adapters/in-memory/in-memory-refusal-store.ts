import type { TenantId } from '../../domain/trust/tenant.ts';
import { MOST_OF_CODE, type KeptRefusal, type RefusalPlace, type RefusalQuestion, type RefusalStore } from '../../ports/driven/refusal-store.ts';
import { inOrder, keyOf, type InMemoryState } from './in-memory-state.ts';

export class InMemoryRefusalStore implements RefusalStore {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async keep(refusals: readonly KeptRefusal[]): Promise<void> {
    const { refusals: all } = this.#state;
    for (const row of refusals) {
      const key = keyOf(row.tenant, row.refusal.code, row.mark);
      const before = all.get(key);
      const lastSeen = before && before.lastSeen > row.lastSeen ? before.lastSeen : row.lastSeen;
      all.set(key, before ? { ...row, count: before.count + row.count, firstSeen: before.firstSeen, lastSeen } : row);
    }
    for (const { tenant, refusal } of refusals) this.#trim(tenant, refusal.code);
  }

  async list({ tenant, code, device, since, after, limit }: RefusalQuestion): Promise<readonly KeptRefusal[]> {
    const fits = (row: KeptRefusal): boolean =>
      row.tenant === tenant &&
      (code === undefined || row.refusal.code === code) &&
      (device === undefined || row.device === device) &&
      (since === undefined || row.lastSeen >= since) &&
      (after === undefined || newestFirst(after, placeOf(row)) < 0);
    return [...this.#state.refusals.values()].filter(fits).sort((a, b) => newestFirst(placeOf(a), placeOf(b))).slice(0, limit);
  }

  #trim(tenant: TenantId, code: string): void {
    const rows = [...this.#state.refusals].filter(([, row]) => row.tenant === tenant && row.refusal.code === code);
    if (rows.length <= MOST_OF_CODE) return;
    const turns = new Map<string, number>();
    const inTurn = rows
      .sort(([, a], [, b]) => newestFirst(placeOf(a), placeOf(b)))
      .map(([key, { origin }]) => {
        const turn = turns.get(origin) ?? 0;
        turns.set(origin, turn + 1);
        return { key, turn };
      });
    // Sorting keeps the order of what is equal: the newest of each turn first.
    for (const { key } of inTurn.sort((a, b) => a.turn - b.turn).slice(MOST_OF_CODE)) this.#state.refusals.delete(key);
  }
}

const placeOf = ({ lastSeen, refusal, mark }: KeptRefusal): RefusalPlace => ({ lastSeen, code: refusal.code, mark });

const newestFirst = (a: RefusalPlace, b: RefusalPlace): number =>
  b.lastSeen.getTime() - a.lastSeen.getTime() || inOrder(a.code, b.code) || inOrder(a.mark, b.mark);
