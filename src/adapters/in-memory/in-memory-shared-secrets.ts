import type { SharedSecrets } from '../../ports/driven/shared-secrets.ts';

export class InMemorySharedSecrets implements SharedSecrets {
  readonly #texts = new Map<string, string>();

  async all(): Promise<ReadonlyMap<string, string>> {
    return new Map(this.#texts);
  }

  async put(name: string, text: string): Promise<void> {
    this.#texts.set(name, text);
  }

  async replace(name: string, former: string, text: string): Promise<boolean> {
    if (this.#texts.get(name) !== former) return false;
    this.#texts.set(name, text);
    return true;
  }

  async remove(name: string): Promise<void> {
    this.#texts.delete(name);
  }
}
