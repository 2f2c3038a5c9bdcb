import type { BindWhenOnFluentSyntax, ContainerModuleLoadOptions } from 'inversify';
import type { Token } from '../../ports/token.ts';

type Needs = Record<string, Token<unknown>>;
type Given<N extends Needs> = { [K in keyof N]: N[K] extends Token<infer T> ? T : never };

/**
 * Binds `what` to whatever `make` builds, once, from the named `needs`. The only bridge to inversify.
 * `toResolvedValue`, not `toDynamicValue`: a cycle among needs is then reported instead of eating all memory.
 */
export function provide<T, const N extends Needs>(
  { bind }: Pick<ContainerModuleLoadOptions, 'bind'>,
  what: Token<T>,
  needs: N,
  make: (given: Given<N>) => T | Promise<T>,
): BindWhenOnFluentSyntax<T> {
  const names = Object.keys(needs);
  return bind<T>(what)
    .toResolvedValue(
      (...values: unknown[]) => make(Object.fromEntries(names.map((name, i) => [name, values[i]])) as Given<N>),
      names.map((name) => needs[name]!),
    )
    .inSingletonScope();
}
