import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import { resealKeys } from '../../../src/adapters/composition/care/reseal-keys.ts';
import { KyselyAuditTrail } from '../../../src/adapters/persistence/kysely-audit-trail.ts';
import { KyselySharedSecrets } from '../../../src/adapters/persistence/kysely-shared-secrets.ts';
import { openDatabase } from '../../../src/adapters/persistence/open-database.ts';
import { openPostgres } from '../../../src/adapters/persistence/postgres/open-postgres.ts';
import { postgresAddressOf } from '../../../src/adapters/persistence/postgres/postgres-url.ts';
import { openSharedTokenSigner, openTokenSigner } from '../../../src/adapters/signing/open-token-signer.ts';
import { sealKeysIn } from '../../../src/adapters/signing/sealed-text.ts';
import { readSealingKeys } from '../../../src/adapters/signing/sealing-keys.ts';
import { keyBlock } from '../../support/key-armour.ts';
import { temporaryDirectory } from '../../support/pki.ts';
import { describeOnPostgres, sharedPostgres } from '../../support/postgres.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const NOW = new Date('2026-11-25T12:00:00Z');
const clock = { now: () => NOW };
const [A, B] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
const PEM = keyBlock('MC4CAQ');

let folder: ReturnType<typeof temporaryDirectory>;
let warned: string;
const at = (...names: readonly string[]): string => join(folder.path, ...names);
const idsOf = (...lines: readonly string[]): readonly string[] => {
  writeFileSync(at('sealing'), lines.join('\n'));
  return readSealingKeys(at('sealing')).map(({ id }) => id);
};
const reseal = (env: Readonly<Record<string, string | undefined>> = {}) =>
  resealKeys({ env: { FLEETGATE_DATA_DIR: folder.path, FLEETGATE_SEALING_KEY_FILE: at('sealing'), ...env }, now: () => NOW, writeError: (text) => void (warned += text) });
beforeEach(() => {
  folder = temporaryDirectory();
  warned = '';
});
afterEach(() => folder.remove());

describe('Sealing keys anew on SQLite', () => {
  const file = (): string => at('fleetgate.sqlite');
  const signer = () => openTokenSigner({ dataDir: folder.path, tracesOfFormerRuns: [], algorithm: 'ES256', clock, log: SILENT, sealingKeyFile: at('sealing') });
  const audit = (): unknown[] => {
    const db = new Sqlite(file(), { readonly: true });
    const rows = db.prepare("select tenant, actor, what, subject, state_after from audit_entry where what like 'keys.%' order by seq").all();
    db.close();
    return rows;
  };
  const stored = (): string => ['keys', 'tls'].flatMap((name) => readdirSync(at(name)).map((each) => readFileSync(at(name, each), 'utf8'))).join('\n');
  beforeEach(async () => {
    await openDatabase({ file: file(), log: SILENT }).close();
    idsOf(A);
    await signer();
    mkdirSync(at('tls'));
    writeFileSync(at('tls', 'ca-key.pem'), PEM);
  });

  it('tells what was under which key, and writes it into the audit, before and after', async () => {
    const [b, a] = idsOf(B, A);
    const answer = await reseal();
    expect(answer).toEqual({ granted: true, value: { sealingKey: b, already: 0, sealed: [{ count: 1 }, { under: a, count: 1 }], file: at('sealing'), spare: 1, nodes: false } });
    expect(stored()).not.toContain('PRIVATE KEY');
    const said = { tenant: 'management', actor: 'keys reseal', subject: b };
    expect(audit()).toEqual([{ ...said, what: 'keys.reseal-asked', state_after: '' }, { ...said, what: 'keys.resealed', state_after: JSON.stringify({ sealed: 2, already: 0 }) }]);
    const before = stored();
    idsOf(B);
    expect(await reseal()).toEqual({ granted: true, value: { sealingKey: b, already: 2, sealed: [], file: at('sealing'), spare: 0, nodes: false } });
    expect([stored(), audit().length]).toEqual([before, 2]);
    expect((await signer()).keyId()).toHaveLength(43);
    expect(warned).toBe('');
  });

  it('counts in a file that is half sealed what it sealed, and not the rest', async () => {
    const [b] = idsOf(B, A);
    await reseal();
    mkdirSync(at('crl-keys'));
    writeFileSync(at('crl-keys', 'main.pem'), `${sealKeysIn(PEM, 'crl-keys/main.pem', [readSealingKeys(at('sealing'))[0]!])}${PEM}`);
    expect(await reseal()).toMatchObject({ value: { sealingKey: b, already: 3, sealed: [{ count: 1 }] } });
    expect(audit().at(-1)).toMatchObject({ what: 'keys.resealed', state_after: JSON.stringify({ sealed: 1, already: 3 }) });
  });

  it.each<[string, number, RegExp, Readonly<Record<string, string | undefined>>, () => void]>([
    ['no file is named', 2, /^No file of sealing keys is named: set FLEETGATE_SEALING_KEY_FILE/, { FLEETGATE_SEALING_KEY_FILE: undefined }, () => undefined],
    ['the file is not there', 2, /sealing of FLEETGATE_SEALING_KEY_FILE cannot be read/, {}, () => rmSync(at('sealing'))],
    ['the file holds no key', 2, /holds no key\. Make one with: openssl rand/, {}, () => void writeFileSync(at('sealing'), '# none\n')],
    ['nothing is kept', 2, /memory: such a server seals its keys when it starts/, { FLEETGATE_DATABASE_URL: 'memory:' }, () => undefined],
    ['a setting is wrong', 2, /FLEETGATE_WORKERS/, { FLEETGATE_WORKERS: 'many' }, () => undefined],
    ['a key is sealed under one that is not in the file', 1, /^the key \S+ in .*keys cannot be opened: it is sealed under the key [0-9a-f]{16}, which is not in the file.*\. Put that key into the file again, below the first\. Nothing was changed\.$/, {}, () => void idsOf(B)],
    ['there is no database', 1, /^There is no database .*fleetgate\.sqlite\. Name the directory/, {}, () => rmSync(file())],
    ['the database is of a newer Fleetgate', 1, /has schema version 99, and this Fleetgate has \d+\. Run the command of the Fleetgate that serves/, {}, () => sql("insert into schema_version values (99, 'later')")],
    ['there is no private key', 1, /^There is no private key here/, {}, () => ['keys', 'tls'].forEach((name) => rmSync(at(name), { recursive: true }))],
  ])('changes nothing, and says what to do, where %s', async (_why, exit, sentence, env, spoil) => {
    const before = stored();
    spoil();
    const outcome = await reseal(env).then((answer) => (answer.granted ? undefined : answer.refusal), (error: Error) => ({ exit: 1, message: error.message }));
    expect(outcome).toEqual({ exit, message: expect.stringMatching(sentence) });
    if (existsSync(at('keys'))) expect(stored()).toBe(before);
    if (existsSync(file())) expect(audit()).toEqual([]);
    expect([A, B].filter((key) => outcome?.message.includes(key.slice(0, 12)))).toEqual([]);
  });

  const sql = (text: string): void => {
    const db = new Sqlite(file());
    db.exec(text);
    db.close();
  };
});

describeOnPostgres('Sealing keys anew on PostgreSQL', () => {
  it('seals the records in the table of all nodes too, and asks to be run on each', async () => {
    const url = await (await sharedPostgres()).makeDatabase();
    const db = await openPostgres({ address: postgresAddressOf(url, {}), log: SILENT });
    try {
      const secrets = new KyselySharedSecrets({ db });
      const open = (isFirst = false) => openSharedTokenSigner({ secrets, ranBefore: !isFirst, algorithm: 'ES256', clock, sealingKeyFile: at('sealing') });
      const [a] = idsOf(A);
      const kid = (await open(true)).keyId();
      mkdirSync(at('tls'));
      writeFileSync(at('tls', 'server-key.pem'), PEM);
      const [b] = idsOf(B, A);
      const answer = await reseal({ FLEETGATE_DATABASE_URL: url });
      expect(answer).toEqual({ granted: true, value: { sealingKey: b, already: 0, sealed: [{ count: 1 }, { under: a, count: 1 }], file: at('sealing'), spare: 1, nodes: true } });
      idsOf(B);
      expect([...(await secrets.all()).values()].map((text) => [text.includes(`sealed-1:${b}:`), text.includes('PRIVATE KEY')])).toEqual([[true, false]]);
      expect((await open()).keyId()).toBe(kid);
      const trail = new KyselyAuditTrail({ db });
      expect((await trail.list('management', {}, 10)).map(({ what }) => what)).toEqual(['keys.resealed', 'keys.reseal-asked']);
    } finally {
      await db.close();
    }
  }, 120_000);
});
