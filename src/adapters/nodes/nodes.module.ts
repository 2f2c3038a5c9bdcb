import { ContainerModule } from 'inversify';
import { ChangeFeed } from '../../ports/driven/change-feed.ts';
import { FeedLag } from '../../ports/driven/feed-lag.ts';
import { Figures, LocalFigures } from '../../ports/driven/figures.ts';
import { Identifiers } from '../../ports/driven/identifiers.ts';
import { Leadership } from '../../ports/driven/leadership.ts';
import { Leases } from '../../ports/driven/leases.ts';
import { Log } from '../../ports/driven/log.ts';
import { LocalSessions, SessionBoard } from '../../ports/driven/session-board.ts';
import { Neighbours, NO_NEIGHBOURS } from '../../ports/driven/neighbours.ts';
import { SessionPlaces } from '../../ports/driven/session-places.ts';
import { ChangeFollowing } from '../../ports/driving/change-following.ts';
import { ChangeWatch as ChangeWatchPort, type Service } from '../../ports/service.ts';
import { token } from '../../ports/token.ts';
import { provide } from '../composition/provide.ts';
import { workerSeat, type WorkerSeat } from '../composition/workers/worker-seat.ts';
import { ChangeWatch } from './change-watch.ts';
import { Settings } from '../config/settings.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { MergedFigures } from './merged-figures.ts';
import { SharedSessionBoard } from './shared-session-board.ts';

const WATCHING = { feed: ChangeFeed, following: ChangeFollowing, log: Log };
const Watch = token<ChangeWatch>('Watch');

/** One process that serves its fleet alone. What another one does to the same database is heard of all the same (F26). */
export const loneNodeModule = new ContainerModule((options) => {
  provide(options, SessionBoard, { local: LocalSessions }, ({ local }) => local);
  provide(options, Leadership, {}, () => ({ isMine: () => true }));
  provide(options, Neighbours, {}, () => NO_NEIGHBOURS);
  provide(options, Figures, { local: LocalFigures }, ({ local }) => local);
  provide(options, Watch, WATCHING, (needs) => new ChangeWatch(needs));
  provide(options, FeedLag, { watch: Watch }, ({ watch }) => watch.lag);
  provide(options, ChangeWatchPort, { watch: Watch }, ({ watch }) => watch);
});

const Shared = token<SharedSessionBoard>('SharedSessionBoard');
const Keeper = token<LeaseKeeper>('LeaseKeeper');
/** Name of this life of this process. */
const Holder = token<string>('Holder');

/** One of several processes, on this machine or on others. */
export const sharedNodesModule = new ContainerModule((options) => {
  provide(options, Holder, { identifiers: Identifiers }, ({ identifiers }) => identifiers.next());
  provide(options, Shared, { local: LocalSessions, places: SessionPlaces, holder: Holder, log: Log }, (needs) => new SharedSessionBoard(needs));
  provide(options, SessionBoard, { shared: Shared }, ({ shared }) => shared);
  provide(options, Keeper, { leases: Leases, places: SessionPlaces, board: Shared, holder: Holder, log: Log }, (needs) => new LeaseKeeper(needs));
  provide(options, Leadership, { keeper: Keeper }, ({ keeper }) => keeper);
  provide(options, Neighbours, {}, () => neighboursOf(workerSeat()));
  provide(options, Figures, { local: LocalFigures, neighbours: Neighbours, settings: Settings }, ({ settings, ...needs }) => new MergedFigures({ ...needs, others: settings.workers - 1 }));
  provide(options, Watch, { ...WATCHING, board: Shared }, ({ board, ...needs }) => new ChangeWatch({ ...needs, alsoLook: () => board.look() }));
  provide(options, FeedLag, { watch: Watch }, ({ watch }) => watch.lag);
  provide(options, ChangeWatchPort, { keeper: Keeper, watch: Watch }, ({ keeper, watch }) => inOrder('changes', [keeper, watch]));
});

/** Started one after the other, stopped the other way round. */
const inOrder = (name: string, services: readonly Service[]): Service => ({
  name,
  start: async () => {
    for (const service of services) await service.start();
    return [];
  },
  stop: async (graceMs) => {
    for (const service of services.toReversed()) await service.stop(graceMs);
  },
});

/** By way of the supervisor. */
const neighboursOf = (seat: WorkerSeat | undefined): Neighbours =>
  seat
    ? {
        tell: (topic, word) => seat.say({ kind: 'told', topic, word }),
        hear: (topic, listener) => seat.hear((message) => message.kind === 'told' && message.topic === topic && listener(message.word)),
      }
    : NO_NEIGHBOURS;
