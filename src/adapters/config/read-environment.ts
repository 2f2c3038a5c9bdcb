import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Environment } from './parse-settings.ts';

/**
 * The environment of the process, and below it the file `.env` of the folder, if there is one.
 * @throws where the file is there and cannot be read: going on without it would start with the wrong settings
 */
export function readEnvironment(folder: string, environment: Environment): Environment {
  const file = join(folder, '.env');
  try {
    return { ...parseEnv(readFileSync(file, 'utf8')), ...environment };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return environment;
    throw new Error(`${file} is there but cannot be read (${(error as Error).message}). Make it readable, or delete it.`, { cause: error });
  }
}
