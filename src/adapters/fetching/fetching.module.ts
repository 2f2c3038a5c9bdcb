import { ContainerModule } from 'inversify';
import { Leadership } from '../../ports/driven/leadership.ts';
import { ListSource } from '../../ports/driven/list-source.ts';
import { Pause } from '../../ports/driven/pause.ts';
import { ListFetching } from '../../ports/driving/list-fetching.ts';
import { BackgroundWork } from '../../ports/service.ts';
import { provide } from '../composition/provide.ts';
import { BackgroundFetching } from './background-fetching.ts';
import { HttpListSource } from './http-list-source.ts';

/** What the gate itself asks of others, where an operator allowed it. */
export const fetchingModule = new ContainerModule((options) => {
  provide(options, ListSource, { pause: Pause }, (needs) => new HttpListSource(needs));
  provide(options, BackgroundWork, { fetching: ListFetching, lead: Leadership }, (needs) => new BackgroundFetching(needs));
});
