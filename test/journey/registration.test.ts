/** Who is registered, by itself or by a bulk file that the command line imports. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, enter, itWith, knock, refusalIn, run, tokenOf, type Call } from '../support/clients.ts';
import { OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { ROOT } from '../support/running-gate.ts';

const ROWS = 5_000;

describeWith('openssl')('registration', () => {
  const pki = new OpensslPki();
  let gate: OperatedGate;
  let root: Issued;
  beforeAll(async () => {
    gate = await anOperatedGate();
    root = pki.root('/CN=Works Root');
    await gate.main.trusts(root, { autoRegistration: false });
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });

  const call = (id: string, version: Call['version'] = 5): Call => {
    const leaf = pki.device(root, `/CN=${id}`);
    return { port: gate.mqtts[0]!, caFile: gate.caFile, certFile: leaf.file, keyFile: leaf.keyFile, clientId: id, version };
  };
  const imports = (...lines: readonly string[]): ReturnType<OperatedGate['cli']> => {
    const file = pki.newFile('devices.csv');
    writeFileSync(file, lines.join('\n'));
    return gate.cli('devices', 'import', file);
  };

  it('A01 while automatic registration is off, an unknown device is refused and nothing is stored', async () => {
    const refused = [await knock(call('unknown', 4)), await knock(call('unknown', 5))];
    expect(refused.map(({ code, reason }) => [code, refusalIn(reason)])).toEqual([[5, ''], [0x87, 'registration.not-registered']]);
    expect(await gate.main.devices()).toEqual([]);
  });

  it('a device that fleetgate devices import registered is admitted, and has its token', async () => {
    const { exit, out } = await imports('ID,AUTH_TYPE', 'press-1,CERTIFICATES', 'press-2,CERTIFICATES');
    expect([exit, out]).toEqual([0, '2 rows: 2 registered, 0 updated, 0 failed.\n']);
    const device = await enter(call('press-1'));
    expect((await tokenOf(device)).split('.')).toHaveLength(3);
    await device.client.endAsync();
    expect(await gate.main.devices()).toEqual(['press-1', 'press-2']);
  });

  it.each([
    ['semicolons, CRLF, quotes and a byte order mark', '\uFEFF"ID";"AUTH_TYPE";"TYPE"\r\n"press-3";"CERTIFICATES";"a;b"\r\n', 'press-3'],
    ['tabs, columns in another order, and an empty CREDENTIALS', 'AUTH_TYPE\tCREDENTIALS\tID\nCERTIFICATES\t\tpress-4\n', 'press-4'],
  ])('C01 a file with %s registers its device, which is admitted', async (_what, text, id) => {
    expect(await imports(text)).toMatchObject({ exit: 0, out: '1 rows: 1 registered, 0 updated, 0 failed.\n' });
    expect((await knock(call(id))).code).toBe(0);
  });

  it('C01 a bad row is told with its line and spoils no other', async () => {
    const { exit, out } = await imports('ID,AUTH_TYPE,CREDENTIALS', 'press-5,CERTIFICATES,', 'press-6,BASIC,secret', 'press 7,CERTIFICATES,', 'press-1,CERTIFICATES,');
    expect([exit, out.split('\n')[0]]).toEqual([1, '4 rows: 1 registered, 1 updated, 2 failed.']);
    expect(out).toMatch(/[Ll]ine 3.*bulk\.auth-type[\s\S]*[Ll]ine 4.*identity\.forbidden-character/);
    expect([(await knock(call('press-5'))).code, (await knock(call('press-6'))).code]).toEqual([0, 0x87]);
  });

  it('D-7 automatic registration that is switched on registers from the next connection on, and not the other way round', async () => {
    await gate.main.changes(root, { autoRegistrationEnabled: true });
    expect((await knock(call('by-itself'))).code).toBe(0);
    await gate.main.changes(root, { autoRegistrationEnabled: false });
    expect([(await knock(call('by-itself'))).code, (await knock(call('too-late'))).code]).toEqual([0, 0x87]);
  });

  itWith('script')(`C05 an import of ${ROWS} rows shows a terminal how far it is, lands whole, and lets devices in meanwhile`, async () => {
    const file = pki.newFile('many.csv');
    writeFileSync(file, ['ID,AUTH_TYPE', ...Array.from({ length: ROWS }, (_, i) => `bulk-${String(i).padStart(5, '0')},CERTIFICATES`)].join('\n'));
    // `script` gives the command a terminal.
    const command = `${process.execPath} ${join(ROOT, 'src/launch.mjs')} devices import ${file}`;
    const env = ['env', `FLEETGATE_URL=http://127.0.0.1:${gate.http}`, `FLEETGATE_PASSWORD=${gate.password}`, 'FLEETGATE_USER=main/admin'];
    const known = call('press-1');
    let isDone = false;
    const importing = run('script', ['-qec', [...env, command].join(' '), '/dev/null']).finally(() => (isDone = true));
    const heard: number[] = [];
    do heard.push((await knock(known)).code);
    while (!isDone);
    const { code, out } = await importing;
    expect(out).toMatch(/\[#{30}\] 100 %/);
    expect([code, out]).toEqual([0, expect.stringContaining(`${ROWS} rows: ${ROWS} registered, 0 updated, 0 failed.`)]);
    expect(new Set(heard)).toEqual(new Set([0]));
    const landed = (await gate.main.devices()).filter((id) => id.startsWith('bulk-'));
    expect([landed.length, landed[0], landed.at(-1)]).toEqual([ROWS, 'bulk-00000', 'bulk-04999']);
    expect((await knock(call('bulk-02500'))).code).toBe(0);
  });
});
