/** What the tests of other people's clients do, replayed by curl: wire-contract §8 items 4 and 10. Items 1 and 5 are in `certificate-api.test.ts` and `agents.test.ts`. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWith, enter, itWith, knock, run, tokenOf, type Call, type Connected } from '../support/clients.ts';
import { belowRoot, OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';

const STATED_MS = 2_000; // D-14
const TERMINATED = '{"error":"security/Unauthorized","message":"Token is terminated';

describeWith('openssl')('a script with curl', () => {
  const pki = new OpensslPki();
  let gate: OperatedGate;
  let root: Issued;
  let login: string;
  beforeAll(async () => {
    gate = await anOperatedGate();
    root = pki.root('/CN=Works Root');
    await gate.main.trusts(root);
    login = pki.newFile('login');
    writeFileSync(login, `user = "main/admin:${gate.password}"\n`);
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });

  async function curl(path: string, ...more: readonly string[]): Promise<{ readonly status: number; readonly body: string }> {
    const { code, out, err } = await run('curl', ['--silent', '--show-error', '--cacert', gate.caFile, '--header', 'Accept: application/json', '--write-out', '\n%{http_code}', ...more, `https://localhost:${gate.https}${path}`]);
    if (code !== 0) throw new Error(err);
    const at = out.lastIndexOf('\n');
    return { status: Number(out.slice(at + 1)), body: out.slice(0, at) };
  }
  const asAdmin = (path: string, ...more: readonly string[]) => curl(path, '--config', login, ...more);
  const asDevice = (path: string, jwt: string, ...more: readonly string[]) => curl(path, '--header', `Authorization: Bearer ${jwt}`, ...more);
  const objectOf = async (id: string): Promise<{ readonly status: number; readonly body: string }> => asAdmin(`/identity/externalIds/c8y_Serial/${id}`);

  itWith('curl')('registers a mixed file as go-c8y writes it: the row with a password fails, and is told without it (item 4)', async () => {
    const [certified, password, secret] = [32, 32, 24].map((length) => randomBytes(length / 2).toString('hex')) as [string, string, string];
    const header = ['ID', 'AUTH_TYPE', 'CREDENTIALS', 'ENROLLMENT_OTP', 'NAME', 'TYPE', 'IDTYPE', 'ICCID', 'TENANT', 'PATH', 'com_cumulocity_model_Agent.active'];
    const rows = [[certified, 'CERTIFICATES', '', '', '', '', '', '', '', '', 'true'], [password, 'BASIC', secret, '', 'Press', 'press', '', '', '', '', 'true']];
    const file = pki.newFile('devices.csv');
    writeFileSync(file, [header, ...rows].map((cells) => cells.join('\t')).join('\n'));
    const { status, body } = await asAdmin('/devicecontrol/bulkNewDeviceRequests', '--form', `file=@${file};type=text/csv`);
    const { failedCreationList, credentialUpdatedList, ...figures } = JSON.parse(body) as { failedCreationList: Record<string, string>[]; credentialUpdatedList: object[] };
    expect([status, figures]).toEqual([201, { numberOfAll: 2, numberOfCreated: 1, numberOfFailed: 1, numberOfSuccessful: 1 }]);
    expect(credentialUpdatedList).toEqual([{ bulkNewDeviceStatus: 'CREDENTIAL_UPDATED', deviceId: certified }]);
    expect(failedCreationList).toMatchObject([{ bulkNewDeviceStatus: 'FAILED', deviceId: password, failureReason: expect.stringContaining('CERTIFICATES') }]);
    expect(body).not.toContain(secret);
    expect((await objectOf(password)).status).toBe(404);
    const again = await asAdmin('/devicecontrol/bulkNewDeviceRequests', '--form', `file=@${file};type=text/csv`);
    expect(JSON.parse(again.body)).toMatchObject({ numberOfAll: 2, numberOfCreated: 0, numberOfSuccessful: 1, credentialUpdatedList: [{ bulkNewDeviceStatus: 'CREDENTIAL_UPDATED', deviceId: certified }] });
    const empty = pki.newFile('empty.csv');
    writeFileSync(empty, `${header.join(';')}\n`);
    const refused = await asAdmin('/devicecontrol/bulkNewDeviceRequests', '--form', `file=@${empty}`);
    expect([refused.status, refused.body]).toEqual([422, expect.stringMatching(/^\{"error":"devicecontrol\/Unprocessable Entity","message":"CSV file contained empty dataset",/)]);
  });

  describe('and a device of it (item 10)', () => {
    const gone = async ({ gone: end }: Connected): Promise<boolean> => (await Promise.race([end.then(() => true), pause(STATED_MS, false, { ref: false })])) as boolean;
    const callOf = (ca: Issued, id: string): Call => {
      const { leaf, chain } = belowRoot(pki.device(ca, `/CN=${id}`));
      return { port: gate.mqtts[0]!, caFile: gate.caFile, certFile: pki.chainFile(chain), keyFile: leaf.keyFile, clientId: id, version: 4 };
    };
    const pathOf = ({ fingerprint }: Issued): string => `/tenant/tenants/main/trusted-certificates/${fingerprint}`;

    itWith('curl')('its second connection ends the first', async () => {
      const call = callOf(root, 'twin');
      const first = await enter(call);
      const second = await enter(call);
      expect([await gone(first), second.client.connected]).toEqual([true, true]);
      second.client.end(true);
    });

    itWith('curl')('its session ends, and its token with it, when its CA is disabled, and when it is deleted', async () => {
      for (const [id, change, status] of [['disabled', ['--request', 'PUT', '--header', 'Content-Type: application/json', '--data', '{"status":"DISABLED"}'], 200], ['deleted', ['--request', 'DELETE'], 204]] as const) {
        const ca = pki.root(`/CN=Root of ${id}`);
        await gate.main.trusts(ca);
        const device = await enter(callOf(ca, id));
        const jwt = await tokenOf(device);
        expect((await asDevice('/user/currentUser', jwt)).status).toBe(200);
        expect((await asAdmin(pathOf(ca), ...change)).status).toBe(status);
        expect(await gone(device)).toBe(true);
        const after = await asDevice('/user/currentUser', jwt);
        expect([after.status, after.body.slice(0, TERMINATED.length)]).toEqual([401, TERMINATED]);
        expect((await knock(callOf(ca, id))).code).toBe(5);
      }
    });

    itWith('curl')('its logout kills its token, and it may ask for another', async () => {
      const device = await enter(callOf(root, 'leaver'));
      const jwt = await tokenOf(device);
      expect((await asDevice('/user/logout', jwt, '--request', 'POST')).status).toBe(200);
      const after = await asDevice('/user/currentUser', jwt);
      expect([after.status, after.body.slice(0, TERMINATED.length)]).toEqual([401, TERMINATED]);
      expect((await asDevice('/user/currentUser', await tokenOf(device))).status).toBe(200);
      device.client.end(true);
    });
  });

  it('leaves no password in the log', () => {
    expect(gate.output()).not.toContain(readFileSync(login, 'utf8').split(':')[1]!.slice(0, -2));
  });
});
