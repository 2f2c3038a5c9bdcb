import { closeSync, constants, fstatSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { grant } from '../../domain/shared/decision.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { reasonOf } from './reason-of.ts';

/** Where a person administers, and as whom: what `fleetgate login` found to be right. */
export interface Profile {
  /** Without a trailing slash. */
  readonly url: string;
  /** `tenant/user`. */
  readonly user: string;
  readonly password: string;
  /** PEM: the CA of an https server that this machine does not trust. */
  readonly ca?: string;
}

type Env = CliNeeds['env'];

/** Others may neither read nor write it. */
const OTHERS = 0o077;

export const NO_PLACE = fail(EXIT.usage, 'There is no place for a profile: neither FLEETGATE_PROFILE nor HOME is set. Set one of them.');

/** Undefined where there is no home to put it. */
export function profileFile(env: Env): string | undefined {
  if (env['FLEETGATE_PROFILE']) return env['FLEETGATE_PROFILE'];
  const home = env['HOME'] || env['USERPROFILE'];
  const config = env['XDG_CONFIG_HOME'] || (home && join(home, '.config'));
  return config ? join(config, 'fleetgate', 'profile.json') : undefined;
}

/** Undefined where nobody is logged in. A file that others can get at is refused: what stands in it may be known. */
export function readProfile(env: Env): Outcome<Profile | undefined> {
  const file = profileFile(env);
  if (file === undefined) return grant(undefined);
  let open: number | undefined;
  try {
    open = openSync(file, constants.O_RDONLY);
    const { mode } = fstatSync(open);
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      const shown = (mode & 0o777).toString(8);
      return fail(EXIT.usage, `Others on this machine can get at the profile ${file} (mode ${shown}), and so at the password in it. Make it yours alone (chmod 600), and change the password.`);
    }
    return grant(parseProfile(readFileSync(open, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return grant(undefined);
    return fail(EXIT.usage, `The profile ${file} cannot be used (${reasonOf(error)}). Log in again: fleetgate login <url> --user <tenant/user>.`);
  } finally {
    if (open !== undefined) closeSync(open);
  }
}

/** Whole and safe on the disk before it takes the place of the former. */
export function writeProfile(env: Env, profile: Profile): Outcome<string> {
  const file = profileFile(env);
  if (file === undefined) return NO_PLACE;
  const draft = `${file}.${process.pid}.new`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    rmSync(draft, { force: true });
    const open = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(open, `${JSON.stringify(profile, null, 2)}\n`);
      fsyncSync(open);
    } finally {
      closeSync(open);
    }
    renameSync(draft, file);
    return grant(file);
  } catch (error) {
    removeDraft(draft);
    return fail(EXIT.failed, `The profile cannot be written: ${reasonOf(error)}.`);
  }
}

function removeDraft(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // It never was there: why it could not be written is what matters.
  }
}

/** The file that was removed; undefined where there was none. */
export function removeProfile(env: Env): Outcome<string | undefined> {
  const file = profileFile(env);
  if (file === undefined) return grant(undefined);
  try {
    rmSync(file);
    return grant(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return grant(undefined);
    return fail(EXIT.failed, `The profile cannot be removed: ${reasonOf(error)}.`);
  }
}

/** @throws a sentence, without any of the text: it holds a password */
function parseProfile(text: string): Profile {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw new Error('it is no JSON');
  }
  const { url, user, password, ca } = (read ?? {}) as Readonly<Record<string, unknown>>;
  if (!isText(url) || !isText(user) || !isText(password) || (ca !== undefined && !isText(ca))) throw new Error('it lacks url, user or password');
  return { url, user, password, ...(ca !== undefined && { ca }) };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
