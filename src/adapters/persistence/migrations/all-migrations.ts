import type { Value } from '../query.ts';
import { gate } from './0001-gate.ts';
import { possession } from './0002-possession.ts';
import { withdrawal } from './0003-withdrawal.ts';
import { administrators } from './0004-administrators.ts';
import { inventory } from './0005-inventory.ts';
import { revocation } from './0006-revocation.ts';
import { crl } from './0007-crl.ts';
import { refusals } from './0008-refusals.ts';
import { audit } from './0009-audit.ts';
import { paths } from './0010-paths.ts';
import { ocsp } from './0011-ocsp.ts';
import { modes } from './0012-modes.ts';
import { feed } from './0013-feed.ts';
import { newDevices } from './0014-new-devices.ts';

/**
 * One step of the schema. Frozen once it was released: it uses no code that may change, such as `schema.ts` or domain constants, and
 * is corrected by a later step only.
 */
export interface Migration {
  readonly name: string;
  /** In the words that SQLite and PostgreSQL share; `text` and `integer` are the only types. */
  readonly up: () => readonly { readonly sql: string; readonly parameters: readonly Value[] }[];
}

/** In order; the version of a schema is how many of them it has seen. */
export const MIGRATIONS: readonly Migration[] = [gate, possession, withdrawal, administrators, inventory, revocation, crl, refusals, audit, paths, ocsp, modes, feed, newDevices];
