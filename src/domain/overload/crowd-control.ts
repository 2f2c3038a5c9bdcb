import { addressGroup } from '../access/address-group.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { Caps } from './caps.ts';
import { CONNECTS_IN_LINE, FairLine } from './fair-line.ts';
import { Rates } from './rates.ts';
import { Turns } from './turns.ts';

/** As many seconds of a tenant's rate may come at once: a fleet that comes back after an outage. */
const BURST_SECONDS = 10;
/** Connects of one tenant that wait for a turn: each holds a connection and its certificates. */
const MOST_WAITING = 1_024;

type CrowdRefusal = RefusalOf<'tenant.too-many-connects' | 'registration.gate-busy'>;

/** The way of one connect through the crowd; `end` it, whatever became of it. */
export interface Passage {
  /** Resolves when it is the turn of this connect among those of its tenant, which it keeps until the end; asked again, it costs nothing more. */
  within(tenant: TenantId, at: Date): Promise<Decision<true, CrowdRefusal>>;
  end(): void;
}

/**
 * Keeps one crowd from using up what all need (T14). As long as nobody knows whose device it is, addresses take turns; then each tenant has so many
 * connects a second and so many side by side, and one that is stuck waits for itself alone.
 */
export class CrowdControl {
  readonly #line: FairLine;
  readonly #rates: Rates;
  readonly #turns: Turns;

  constructor({ connectsPerTenant: perSecond, judgementsPerTenant: sideBySide }: Pick<Caps, 'connectsPerTenant' | 'judgementsPerTenant'>, pause: () => Promise<void>) {
    this.#line = new FairLine(CONNECTS_IN_LINE, pause);
    this.#rates = new Rates({ perSecond, burst: perSecond * BURST_SECONDS });
    this.#turns = new Turns({ sideBySide, waiting: MOST_WAITING });
  }

  /** Resolves when it is the turn of this address; undefined when too many wait. */
  async enter(from: string): Promise<Passage | undefined> {
    return (await this.#line.turn(addressGroup(from))) ? this.#passage() : undefined;
  }

  #passage(): Passage {
    let inside: TenantId | undefined;
    let leave = (): void => undefined;
    return {
      within: async (tenant, at) => {
        if (inside === tenant) return grant(true);
        leave(); // trust moved meanwhile, and the device is another tenant's
        [inside, leave] = [undefined, () => undefined];
        const seconds = this.#rates.take(tenant, at.getTime());
        if (seconds > 0) return refuse({ code: 'tenant.too-many-connects', evidence: { seconds } });
        const turn = await this.#turns.take(tenant);
        if (!turn) return refuse({ code: 'registration.gate-busy' });
        [inside, leave] = [tenant, turn];
        return grant(true);
      },
      end: () => leave(),
    };
  }
}
