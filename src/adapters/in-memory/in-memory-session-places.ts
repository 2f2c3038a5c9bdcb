import type { TenantId } from '../../domain/trust/tenant.ts';
import { lifeOf } from '../../ports/driven/leases.ts';
import type { OpenSession, PlacedSession, SessionPlaces, TakenSession } from '../../ports/driven/session-places.ts';
import { keyOf, type InMemoryState } from './in-memory-state.ts';

export class InMemorySessionPlaces implements SessionPlaces {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async put(holder: string, sessions: readonly PlacedSession[]): Promise<void> {
    for (const session of sessions) {
      const former = this.#state.places.get(placeKey(session));
      if (former && former.holder !== holder) this.#state.taken.push(former);
      this.#state.places.set(placeKey(session), { holder, session });
    }
  }

  async claim(holder: string, sessions: readonly PlacedSession[]): Promise<readonly TakenSession[]> {
    for (const session of sessions) if (!this.#state.places.has(placeKey(session))) this.#state.places.set(placeKey(session), { holder, session });
    return sessions.filter((session) => this.#state.places.get(placeKey(session))?.session.id !== session.id).map(nameOf);
  }

  async remove(holder: string, sessions: readonly TakenSession[]): Promise<void> {
    for (const session of sessions) {
      const place = this.#state.places.get(placeKey(session));
      if (place?.holder === holder && place.session.id === session.id) this.#state.places.delete(placeKey(session));
    }
  }

  async taken(holder: string): Promise<readonly TakenSession[]> {
    return this.#state.taken.filter((place) => place.holder === holder).map(({ session }) => nameOf(session));
  }

  async settled(holder: string, sessions: readonly TakenSession[]): Promise<void> {
    const ids = new Set(sessions.map(({ id }) => id));
    this.#keepTaken((place) => place.holder !== holder || !ids.has(place.session.id));
  }

  async tidy(): Promise<void> {
    const lives = ({ holder }: { holder: string }): boolean => this.#state.leases.has(lifeOf(holder));
    for (const [key, place] of this.#state.places) if (!lives(place)) this.#state.places.delete(key);
    this.#keepTaken(lives);
  }

  async openOf(tenant: TenantId): Promise<readonly OpenSession[]> {
    return [...this.#state.places.values()].filter(({ session }) => session.tenant === tenant).map(({ session: { device, anchors } }) => ({ device, anchors }));
  }

  #keepTaken(stays: (place: { readonly holder: string; readonly session: PlacedSession }) => boolean): void {
    this.#state.taken.splice(0, this.#state.taken.length, ...this.#state.taken.filter(stays));
  }
}

const placeKey = ({ tenant, device }: TakenSession): string => keyOf(tenant, device);
const nameOf = ({ tenant, device, id }: TakenSession): TakenSession => ({ tenant, device, id });
