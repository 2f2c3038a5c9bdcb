import { ContainerModule } from 'inversify';
import { provide } from '../../../src/adapters/composition/provide.ts';
import { Identifiers } from '../../../src/ports/driven/identifiers.ts';

/** Puts a defect into a running gate: the first identifier asked for leaves a rejection that nobody handles. */
export default new ContainerModule((options) => {
  provide(options, Identifiers, {}, () => ({
    next: () => {
      void Promise.reject(new Error('a defect planted by a test'));
      return 'id-of-a-test';
    },
  }));
});
