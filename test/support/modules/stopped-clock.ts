import { ContainerModule } from 'inversify';
import { provide } from '../../../src/adapters/composition/provide.ts';
import { Clock } from '../../../src/ports/driven/clock.ts';
import { Identifiers } from '../../../src/ports/driven/identifiers.ts';

/** A list of modules, as FLEETGATE_MODULES may name it: one replaces a port, the other one more. */
export default [
  new ContainerModule((options) => {
    provide(options, Clock, {}, () => ({ now: () => new Date('2030-01-01T00:00:00Z') }));
  }),
  new ContainerModule(async (options) => {
    provide(options, Identifiers, { clock: Clock }, ({ clock }) => ({ next: () => `made-in-${clock.now().getUTCFullYear()}` }));
  }),
];
