import type { Socket } from 'node:net';
import { addressGroup } from '../../domain/access/address-group.ts';
import { token } from '../../ports/token.ts';
import type { MemoryWatch } from './memory-watch.ts';
import { plainAddress } from './plain-address.ts';
import { Tally } from './tally.ts';
import type { TurnedAwayLog } from './turned-away-log.ts';

export interface ConnectionRoomNeeds {
  /** `Infinity` is no bound, as where absent. */
  readonly connections?: number;
  /** … of one address, or of one /64. */
  readonly connectionsPerAddress?: number;
  /** Nobody looks where absent. */
  readonly memory?: Pick<MemoryWatch, 'isShort'>;
  readonly turnedAway?: Pick<TurnedAwayLog, 'note'>;
}

const MEMORY_SHORT = 'Memory is short; new connections are closed at once, and those that are here go on. Give the process more (NODE_OPTIONS=--max-old-space-size=…, or its cgroup), or add a worker or a node.';
const FULL = 'Fleetgate has as many connections as it may; new ones are closed at once. If they are your devices, raise FLEETGATE_CONNECTIONS and the limit of open files (ulimit -n).';
const ADDRESS_FULL = 'One address has as many connections as it may; its new ones are closed at once. If it is a load balancer or a gateway of yours, raise FLEETGATE_CONNECTIONS_PER_ADDRESS.';

/** How many connections the process holds at a time, through all doors that are open to the network: each costs memory and a file descriptor, whatever it does. */
export class ConnectionRoom {
  readonly #needs: ConnectionRoomNeeds;
  readonly #ofAddress = new Tally();
  #open = 0;

  constructor(needs: ConnectionRoomNeeds = {}) {
    this.#needs = needs;
  }

  /** Whether there is room for one more, which it then has until it closes. Where not, the socket is closed here and the operator is told. */
  enter(socket: Socket): boolean {
    const { connections = Infinity, connectionsPerAddress = Infinity, memory } = this.#needs;
    const address = addressGroup(socket.remoteAddress ?? 'unknown');
    if (memory?.isShort()) return this.#turnAway(socket, 'memory-short', MEMORY_SHORT);
    if (this.#open >= connections) return this.#turnAway(socket, 'too-many-connections', FULL);
    if (this.#ofAddress.count(address) >= connectionsPerAddress) return this.#turnAway(socket, 'too-many-of-address', ADDRESS_FULL);
    this.#open += 1;
    this.#ofAddress.add(address);
    socket.once('close', () => {
      this.#open -= 1;
      this.#ofAddress.remove(address);
    });
    return true;
  }

  get open(): number {
    return this.#open;
  }

  #turnAway(socket: Socket, kind: string, sentence: string): false {
    socket.on('error', () => undefined);
    this.#needs.turnedAway?.note(kind, { from: plainAddress(socket.remoteAddress ?? 'unknown') }, sentence);
    socket.destroy();
    return false;
  }
}

export const SharedConnectionRoom = token<ConnectionRoom>('SharedConnectionRoom');
