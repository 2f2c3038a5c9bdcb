import { pathToFileURL } from 'node:url';
import { ContainerModule } from 'inversify';

/** Loads the modules that the setting FLEETGATE_MODULES names. Rejects with a sentence that says which file is wrong, and how. */
export async function loadExtraModules(files: readonly string[]): Promise<readonly ContainerModule[]> {
  const loaded = await Promise.all(files.map(modulesIn));
  return loaded.flat().map(replacing);
}

async function modulesIn(file: string): Promise<readonly ContainerModule[]> {
  const exported = await import(pathToFileURL(file).href).catch((error: Error) => complain(file, error.message, error));
  const modules: unknown[] = [(exported as { default?: unknown }).default].flat();
  return modules.every(isModule) ? modules : complain(file, 'its default export is something else');
}

/** By its shape: a module from outside the checkout brings an inversify of its own. */
const isModule = (it: unknown): it is ContainerModule => typeof (it as Partial<ContainerModule> | undefined)?.load === 'function';

function complain(file: string, what: string, cause?: Error): never {
  throw new Error(
    `The file ${file}, which FLEETGATE_MODULES names, cannot be used: ${what}. Expected is a default export that is a ContainerModule of inversify, or a list of them (src/ports/README.md).`,
    { cause },
  );
}

/** The same module, but what it binds takes the place of what is bound already: so a plain `provide` swaps an adapter. */
const replacing = (module: ContainerModule): ContainerModule =>
  new ContainerModule((options) =>
    module.load({
      ...options,
      bind: (token) => (options.isBound(token) ? options.rebind(token) : options.bind(token)),
    }),
  );
