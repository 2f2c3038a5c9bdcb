import type { Tracer } from '../../ports/driven/tracer.ts';

type Method = (...args: unknown[]) => unknown;
/** The name of the step that each of these methods is. */
export type StepNames<T> = { readonly [Name in keyof T & string]?: string };

/** The same port, with calls of these methods as steps of whatever journey is under way. */
export function traced<T extends object>(port: T, steps: StepNames<T>, tracer: Pick<Tracer, 'step'>): T {
  const known = new Map<PropertyKey, unknown>();
  // Bound to the adapter itself: private fields are not to be had through a proxy.
  const bound = (name: PropertyKey, value: unknown): unknown => {
    if (typeof value !== 'function') return value;
    const work = (value as Method).bind(port);
    const step = (steps as Record<PropertyKey, string | undefined>)[name];
    return step === undefined ? work : (...args: unknown[]) => tracer.step(step, () => work(...args));
  };
  return new Proxy(port, {
    get: (target, name) => {
      if (known.has(name)) return known.get(name);
      const value: unknown = Reflect.get(target, name, target);
      const around = bound(name, value);
      if (typeof value === 'function') known.set(name, around);
      return around;
    },
  });
}
