import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { postgresAddressOf } from '../../../src/adapters/persistence/postgres/postgres-url.ts';
import { scratch } from './open-stores.ts';

const here = { host: 'localhost', port: 5432, database: 'gate', user: 'ada', password: '', ssl: false, connections: 10 };
const place = scratch();
afterAll(() => place.clear());

describe('The URL of a PostgreSQL database', () => {
  it.each([
    ['what it leaves open is usual', 'postgres://ada@localhost/gate', here],
    ['both schemes, all parts, letters that a URL must escape', 'postgresql://a%40b:p%2Fw%3A@[::1]:5433/my%20gate?connections=4', { ...here, host: '::1', port: 5433, database: 'my gate', user: 'a@b', password: 'p/w:', connections: 4 }],
    ['a socket', 'postgres://ada@localhost/gate?host=/run/postgresql', { ...here, host: '/run/postgresql' }],
    ['another machine is asked for its certificate', 'postgres://ada@db.example.com/gate', { ...here, host: 'db.example.com', ssl: { minVersion: 'TLSv1.2', rejectUnauthorized: true } }],
    ['sslmode=verify-full on this one', 'postgres://ada@localhost/gate?sslmode=verify-full', { ...here, ssl: { minVersion: 'TLSv1.2', rejectUnauthorized: true } }],
    ['sslmode=require', 'postgres://ada@db/gate?sslmode=require', { ...here, host: 'db', ssl: { minVersion: 'TLSv1.2', rejectUnauthorized: false } }],
    ['sslmode=disable', 'postgres://ada@db/gate?sslmode=disable', { ...here, host: 'db' }],
  ])('is read: %s', (_what, url, address) => {
    expect(postgresAddressOf(url)).toEqual(address);
  });

  it('leaves user and password to the environment', () => {
    expect(postgresAddressOf('postgres://localhost/gate', { PGUSER: 'bob', PGPASSWORD: 'geheim' })).toMatchObject({ user: 'bob', password: 'geheim' });
    expect(postgresAddressOf('postgres://ada:own@localhost/gate', { PGUSER: 'bob', PGPASSWORD: 'geheim' })).toMatchObject({ user: 'ada', password: 'own' });
  });

  it('takes the password from the first fitting line of the file PGPASSFILE, which others may not read', () => {
    const file = join(place.folder, 'pgpass');
    writeFileSync(file, '# host:port:database:user:password\nother:*:*:ada:no\n*:5433:*:ada:no\nlocalhost:5432:g\\:ate:ada:no\n*:*:*:ada:ge\\:h\\\\eim:x\n*:*:*:*:last\n', { mode: 0o600 });
    expect(postgresAddressOf('postgres://ada@localhost/gate', { PGPASSFILE: file }).password).toBe('ge:h\\eim:x');
    expect(postgresAddressOf('postgres://bob@localhost/gate', { PGPASSFILE: file }).password).toBe('last');
    chmodSync(file, 0o640);
    expect(() => postgresAddressOf('postgres://ada@localhost/gate', { PGPASSFILE: file })).toThrow('others than its owner may use it: chmod 600');
  });

  it.each([
    ['no database', 'postgres://ada:geheim@localhost', 'it names no database'],
    ['no user', 'postgres://localhost/gate', 'it names no user'],
    ['a port of 0', 'postgres://ada:geheim@localhost:0/gate', 'its port is no number from 1 to 65535'],
    ['too few connections', 'postgres://ada:geheim@localhost/gate?connections=1', 'its connections is no number from 2 to 500'],
    ['an option of libpq that could weaken a promise', 'postgres://ada:geheim@localhost/gate?options=-c%20synchronous_commit=off', 'it has the option options'],
    ['an option twice', 'postgres://ada:geheim@localhost/gate?port=1&port=2', 'it has the option port, or has it twice'],
    ['an sslmode that checks half', 'postgres://ada:geheim@db/gate?sslmode=verify-ca', 'its sslmode is none of disable, require and verify-full'],
    ['a file that is not there', 'postgres://ada:geheim@db/gate?sslrootcert=/none.pem', 'the file that sslrootcert names cannot be read'],
    ['a lone %', 'postgres://ada:geheim%@localhost/gate', 'it has a % that stands for no character'],
    ['a broken host', 'postgres://ada:geheim@[localhost/gate', 'it is no URL'],
  ])('is refused with a sentence that does not tell the password: %s', (_what, url, why) => {
    const refused = (): unknown => {
      try {
        return postgresAddressOf(url);
      } catch (error) {
        return error;
      }
    };
    expect(refused()).toMatchObject({ code: 'database-url', message: expect.stringContaining(`FLEETGATE_DATABASE_URL cannot be used: ${why}`) });
    expect((refused() as Error).message).not.toContain('geheim');
  });
});
