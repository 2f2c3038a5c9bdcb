import type { SharedSecrets } from '../../ports/driven/shared-secrets.ts';

export class InMemorySharedSecrets implements SharedSecrets {
  readonly #texts = new Map<string, string>();

  async all(): Promise<ReadonlyMap<string, string>> {
    return new Map(this.#texts);
  }

  async put(name: string, text: string): Promise<void> {
    this.#texts.set(name, text);
  }

  async remove(name: string): Promise<void> {
    this.#texts.delete(name);
  }
}
