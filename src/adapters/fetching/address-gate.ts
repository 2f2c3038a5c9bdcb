import { lookup as askDns, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Log } from '../../ports/driven/log.ts';
import { isNeverSpokenTo, isPublic } from './address-rules.ts';
import { NotFetched } from './redirect-target.ts';

export interface AddressGateNeeds {
  readonly log?: Log;
  /** Whether a host that a rule names may be on loopback or a private network. */
  readonly fetchesFromNeighbours?: boolean;
  /** Of names; by default the system's. */
  readonly lookup?: typeof askDns;
}

export interface Host {
  /** A name or an address, without brackets. */
  readonly name: string;
  /** A rule of a tenant names it; else a redirect led there. */
  readonly isNamed: boolean;
}

/** Hosts of which the log speaks once. */
const KEPT_IN_MIND = 1_000;

/** Which addresses are spoken to: an address is looked at before it is spoken to, a name when it is resolved (D-44, D-74). */
export class AddressGate {
  readonly #log: Log | undefined;
  readonly #fetchesFromNeighbours: boolean;
  readonly #lookup: typeof askDns;
  readonly #logged = new Set<string>();

  constructor({ log, fetchesFromNeighbours = true, lookup = askDns }: AddressGateNeeds) {
    this.#log = log;
    this.#fetchesFromNeighbours = fetchesFromNeighbours;
    this.#lookup = lookup;
  }

  /** @throws {NotFetched} where the host is an address that is not spoken to */
  check(host: Host): void {
    const problem = isIP(host.name) === 0 ? undefined : this.#problemOf(host, host.name);
    if (problem !== undefined) throw new NotFetched(problem);
  }

  /** Resolves like Node's own, and fails unless every address may be spoken to: what was checked is what is connected to. */
  lookupOf(host: Host): LookupFunction {
    return (name, options, callback) => {
      this.#lookup(name, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
        if (error) return callback(error, []);
        const problem = addresses.map(({ address }) => this.#problemOf(host, address)).find((it) => it !== undefined);
        if (problem !== undefined) return callback(new NotFetched(problem), []);
        return options.all ? callback(null, addresses) : callback(null, addresses[0]!.address, addresses[0]!.family);
      });
    };
  }

  /** Tenants read it: at which address a name is inside is for the log alone. */
  #problemOf({ name, isNamed }: Host, address: string): string | undefined {
    if (isNamed ? !isNeverSpokenTo(address) && (this.#fetchesFromNeighbours || isPublic(address)) : isPublic(address)) return undefined;
    this.#tell(name, address, isNamed && !isNeverSpokenTo(address));
    if (!isNamed) return `it was redirected to ${name}, which ${name === address ? 'is' : 'has'} no public address`;
    return `nothing is fetched from ${name}, which has ${isNeverSpokenTo(address) ? 'a link-local or reserved' : 'no public'} address`;
  }

  #tell(host: string, address: string, isBySetting: boolean): void {
    if (this.#logged.has(host)) return;
    if (this.#logged.size >= KEPT_IN_MIND) this.#logged.clear();
    this.#logged.add(host);
    const why = isBySetting ? 'FLEETGATE_FETCH_FROM_NEIGHBOURS is off' : 'it is link-local or reserved, or a redirect led there';
    this.#log?.warn({ host, address }, `Nothing is fetched from an address that is not public, to which a rule of a tenant leads: ${why}.`);
  }
}
