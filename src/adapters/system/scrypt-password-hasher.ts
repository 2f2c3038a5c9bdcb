import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '../../ports/driven/clock.ts';
import type { PasswordHasher } from '../../ports/driven/password-hasher.ts';
import { Turnstile } from './turnstile.ts';

/** One of the equivalent minima that OWASP names for scrypt: 32 MB and a quarter of a second. */
const COST: ScryptCost = { ln: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Characters of a password; a longer one fits nothing. */
const LONGEST_PASSWORD = 1024;
/** Two at once leave two of the four threads of Node's pool for everything else. The last of those who wait gets its turn after about eight seconds. */
const LIMITS = { atOnce: 2, waiting: 64, longestWaitMs: 15_000 } as const;
/** How long, and how many, passwords that were right need no scrypt: clients send theirs with every request. */
const REMEMBERED_MS = 60_000;
const REMEMBERED = 256;

interface ScryptCost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

interface ParsedHash extends ScryptCost {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** Hashes of the form `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`. */
export class ScryptPasswordHasher implements PasswordHasher {
  readonly #clock: Clock;
  readonly #turnstile = new Turnstile(LIMITS);
  /** Until when a pair of password and hash need not be computed again, by a MAC whose key ends with the process. */
  readonly #fits = new Map<string, number>();
  readonly #macKey = randomBytes(32);
  /** What passwords of users who do not exist are compared with. */
  readonly #nobody: ParsedHash = { ...COST, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  async hash(password: string): Promise<string> {
    if (!isUsable(password)) throw new Error(`a password has at most ${LONGEST_PASSWORD} characters, none of them NUL`);
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.#derive(password, { ...COST, salt });
    return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
  }

  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const mac = createHmac('sha256', this.#macKey).update(`${hash}\0${password}`).digest('base64url');
    const now = this.#clock.now().getTime();
    const until = this.#fits.get(mac) ?? 0;
    // The second comparison: a clock that was set back must not make a memory longer.
    if (now < until && until <= now + REMEMBERED_MS) return true;
    const parsed = hash === undefined ? this.#nobody : parseHash(hash);
    const derived = await this.#derive(password.slice(0, LONGEST_PASSWORD), parsed);
    const fits = timingSafeEqual(derived, parsed.hash) && hash !== undefined && isUsable(password);
    if (fits) this.#remember(mac, now + REMEMBERED_MS);
    return fits;
  }

  #derive(password: string, { ln, r, p, salt }: ScryptCost & { readonly salt: Buffer }): Promise<Buffer> {
    const N = 2 ** ln;
    // Keyboards compose letters differently: NFC makes one password of them.
    return this.#turnstile.pass(() => derive(password.normalize('NFC'), salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r }));
  }

  #remember(mac: string, until: number): void {
    this.#fits.delete(mac);
    this.#fits.set(mac, until);
    const [oldest] = this.#fits.keys();
    if (this.#fits.size > REMEMBERED && oldest !== undefined) this.#fits.delete(oldest);
  }
}

/** HMAC fills short keys up with NULs (RFC 2104 §2), so scrypt cannot tell a password from the same one with NULs behind it. */
const isUsable = (password: string): boolean => password.length <= LONGEST_PASSWORD && !password.includes('\0');

/** @throws where the store holds something that is no hash; the bounds keep a damaged row from eating the memory */
function parseHash(text: string): ParsedHash {
  const [, ln, r, p, salt, hash] = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]{22})\$([\w-]{43})$/.exec(text) ?? [];
  const parsed = { ln: Number(ln), r: Number(r), p: Number(p), salt: Buffer.from(salt ?? '', 'base64url'), hash: Buffer.from(hash ?? '', 'base64url') };
  const sound = parsed.ln >= 10 && parsed.ln <= 17 && parsed.r >= 1 && parsed.r <= 16 && parsed.p >= 1 && parsed.p <= 8;
  if (!sound) throw new Error('a stored password hash is damaged; expected is $scrypt$ln=…,r=…,p=…$salt$hash. Set the password anew.');
  return parsed;
}
