import type { Service } from '../../ports/service.ts';

/** Several services as one: none waits for another. */
export class ServicesTogether implements Service {
  readonly name: string;
  readonly #services: readonly Service[];

  constructor({ name, services }: { readonly name: string; readonly services: readonly Service[] }) {
    this.name = name;
    this.#services = services;
  }

  async start(): Promise<readonly string[]> {
    return (await Promise.all(this.#services.map((service) => service.start()))).flat();
  }

  async stop(graceMs: number): Promise<void> {
    await Promise.all(this.#services.map((service) => service.stop(graceMs)));
  }
}
