import { ContainerModule } from 'inversify';
import { Leadership } from '../../ports/driven/leadership.ts';
import { ListSource } from '../../ports/driven/list-source.ts';
import { Log } from '../../ports/driven/log.ts';
import { Pause } from '../../ports/driven/pause.ts';
import { ResponderSource } from '../../ports/driven/responder-source.ts';
import { ListFetching } from '../../ports/driving/list-fetching.ts';
import { RefusalDesk } from '../../ports/driving/refusal-desk.ts';
import { ResponderAsking } from '../../ports/driving/responder-asking.ts';
import { StalenessWatch } from '../../ports/driving/staleness-watch.ts';
import { BackgroundWork } from '../../ports/service.ts';
import { provide } from '../composition/provide.ts';
import { Settings } from '../config/settings.ts';
import { AddressGate } from './address-gate.ts';
import { BackgroundFetching } from './background-fetching.ts';
import { HttpListSource } from './http-list-source.ts';
import { HttpResponderSource } from './http-responder-source.ts';
import { ServicesTogether } from './services-together.ts';

/** What the gate itself asks of others, where an operator allowed it, and what goes on by itself. */
export const fetchingModule = new ContainerModule((options) => {
  const needs = { pause: Pause, log: Log, settings: Settings };
  const gateOf = (log: Log, { fetchFromNeighbours }: Settings) => new AddressGate({ log, fetchesFromNeighbours: fetchFromNeighbours });
  provide(options, ListSource, needs, ({ pause, log, settings }) => new HttpListSource({ pause, gate: gateOf(log, settings) }));
  provide(options, ResponderSource, needs, ({ pause, log, settings }) => new HttpResponderSource({ pause, gate: gateOf(log, settings) }));
  const work = { lists: ListFetching, responders: ResponderAsking, staleness: StalenessWatch, refusals: RefusalDesk, lead: Leadership };
  provide(options, BackgroundWork, work, ({ lists, responders, staleness, refusals, lead }) => {
    // A list that takes a minute to fetch holds up no responder. Each process asks about its own devices, looks after its own sessions, and writes what it counted.
    const rounds = [{ fetching: lists, lead }, { fetching: responders, waitsAtEnd: true }, { fetching: staleness }, { fetching: refusals, everyMs: WRITTEN_EVERY_MS, waitsAtEnd: true }];
    return new ServicesTogether({ name: 'fetching', services: rounds.map((needs) => new BackgroundFetching(needs)) });
  });
});

/** What was counted of refusals lags by a minute at most (D-46), the write included. */
const WRITTEN_EVERY_MS = 50_000;
