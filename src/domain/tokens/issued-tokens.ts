/** A token and its times in seconds. */
interface Issued {
  readonly jwt: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
}

/** About 1 KB each: enough for the devices that ask again within half a lifetime, without growing for ever. */
const MOST_KEPT = 20_000;

/** The tokens that may be handed out again: until half of its lifetime has passed a device gets the same one (D-12). */
export class IssuedTokens {
  readonly #kept = new Map<string, Issued>();

  keep(sameness: string, issued: Issued): void {
    this.#kept.delete(sameness);
    this.#kept.set(sameness, issued);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > MOST_KEPT && !oldest.done) this.#kept.delete(oldest.value);
  }

  stillGood(sameness: string, at: Date): Issued | undefined {
    const issued = this.#kept.get(sameness);
    const now = at.getTime() / 1000;
    // A clock that was set back before `iat` makes the token unusable: a fresh one is due.
    const isGood = issued && now >= issued.iat && now < issued.iat + (issued.exp - issued.iat) / 2;
    return isGood ? issued : undefined;
  }
}
