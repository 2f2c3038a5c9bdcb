import { ContainerModule } from 'inversify';
import { Leadership } from '../../ports/driven/leadership.ts';
import { ListSource } from '../../ports/driven/list-source.ts';
import { Log } from '../../ports/driven/log.ts';
import { Pause } from '../../ports/driven/pause.ts';
import { ResponderSource } from '../../ports/driven/responder-source.ts';
import { ListFetching } from '../../ports/driving/list-fetching.ts';
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
  provide(options, BackgroundWork, { lists: ListFetching, responders: ResponderAsking, staleness: StalenessWatch, lead: Leadership }, ({ lists, responders, staleness, lead }) => {
    // A list that takes a minute to fetch holds up no responder. Each process asks about its own devices and looks after its own sessions.
    const services = [{ fetching: lists, lead }, { fetching: responders, waitsAtEnd: true }, { fetching: staleness }].map((needs) => new BackgroundFetching(needs));
    return new ServicesTogether({ name: 'fetching', services });
  });
});
