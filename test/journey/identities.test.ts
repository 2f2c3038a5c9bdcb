/**
 * Who a device is, by its certificate and its client id (wire-contract §8 item 8), as real clients meet it:
 * MQTT 3.1.1 over TLS 1.2 and MQTT 5 over TLS 1.3, and paho the other way round.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWith, enter, itWith, knock, paho, refusalIn, tokenOf, type Call } from '../support/clients.ts';
import { OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { aDevice, aRoot, writePemFiles } from '../support/pki.ts';

const OTHER = ['identity.client-id-differs', 5, 0x87] as const;
const SYNTAX = ['identity.client-id-syntax', 2, 0x85] as const;

/** Shown with the certificate of press-7. */
const CLIENT_IDS_REFUSED = [
  ['other', ...OTHER],
  ['d:other', ...OTHER],
  ['PRESS-7', ...OTHER],
  ['press-7:templates', ...SYNTAX],
  ['x:press-7', ...SYNTAX],
  ['d:press-7:one:two', ...SYNTAX],
  ['d:', ...SYNTAX],
  ['press 7', ...SYNTAX],
] as const;

const NAMES_ADMITTED = [
  ['of one character', '7'],
  ['with an umlaut', 'Größe-7'],
  ['of another script', '機械-7'],
  ['beyond the basic plane', '🚜-7'],
  ['with every mark that is allowed', "a.b_c-d~e!f(g)h'i*j,k;l@m"],
  ['of 64 characters', 'x'.repeat(64)],
  ['of 65 characters', 'y'.repeat(65)],
  ['of 254 characters', 'z'.repeat(254)],
] as const;

const FORBIDDEN = 'identity.forbidden-character at depth 0';
/** Each with the subject it stands in, and the client id shown with it. */
const NAMES_REFUSED = [
  ['X25 with a space', '/CN=press 7', 'press 7', FORBIDDEN],
  ['X26 with a slash', '/CN=main\\/press', 'main/press', FORBIDDEN],
  ['X26 with a backslash', '/CN=main\\\\press', 'main\\press', FORBIDDEN],
  ['X26 with a dollar sign', '/CN=$SYS', '$SYS', FORBIDDEN],
  ['X26 with a colon', '/CN=d:press-7', 'd:press-7', FORBIDDEN],
  ['X26 that is a wildcard', '/CN=#', '#', FORBIDDEN],
  ['X25 with a bidirectional override', '/CN=press\u202E7', 'press\u202E7', FORBIDDEN],
  ['X25 in Unicode normal form D', '/CN=Gro\u0308\u00DFe', 'Gro\u0308\u00DFe', 'identity.not-normalised at depth 0'],
  ['X25 that is missing', '/O=Works', 'Works', 'identity.no-common-name at depth 0'],
  ['X25 beside another one', '/CN=press-7/CN=press-8', 'press-7', 'identity.several-common-names at depth 0'],
  ['X25 beside another one in the same RDN', '/CN=press-7+CN=press-8', 'press-7', 'identity.several-common-names at depth 0'],
  ['X25 of 255 characters', `/CN=${'x'.repeat(255)}`, 'x'.repeat(255), 'identity.length at depth 0'],
] as const;

describeWith('openssl')('identities', () => {
  const pki = new OpensslPki();
  let gate: OperatedGate;
  let root: Issued;
  let press7: Issued;

  beforeAll(async () => {
    gate = await anOperatedGate();
    root = pki.root('/CN=Works Root');
    press7 = pki.device(root, '/CN=press-7');
    await gate.main.trusts(root);
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });

  const call = (leaf: Pick<Issued, 'file' | 'keyFile'>, clientId: string): Omit<Call, 'version'> => ({
    ...{ port: gate.mqtts[1]!, caFile: gate.caFile, certFile: leaf.file, keyFile: leaf.keyFile },
    clientId,
  });
  const codes = async (asked: Omit<Call, 'version'>): Promise<readonly [number, number, string]> => {
    const [old, current] = [await knock({ ...asked, version: 4, tls: 'TLSv1.2' }), await knock({ ...asked, version: 5, tls: 'TLSv1.3' })];
    expect([old.tls, current.tls]).toEqual(['TLSv1.2', 'TLSv1.3']);
    return [old.code, current.code, refusalIn(current.reason)];
  };

  describe('client ids, for a certificate of press-7', () => {
    it.each(['press-7', 'd:press-7', 'd:press-7:', 'd:press-7:templates'])('%s is press-7', async (clientId) => {
      expect(await codes(call(press7, clientId))).toEqual([0, 0, '']);
      expect(await gate.main.devices()).toEqual(['press-7']);
    });
    it('an empty one is press-7 too, and MQTT 5 is told so', async () => {
      expect(await codes(call(press7, ''))).toEqual([0, 0, '']);
      expect(await knock({ ...call(press7, ''), version: 5 })).toMatchObject({ assignedClientId: 'press-7' });
    });
    it.each(CLIENT_IDS_REFUSED)('T05 %s is refused with %s: %i in MQTT 3.1.1, %i in MQTT 5', async (clientId, refusal, old, current) => {
      expect(await codes(call(press7, clientId))).toEqual([old, current, refusal]);
    });
    itWith('paho')('paho hears the same refusals over TLS 1.2', async () => {
      const heard = await paho(CLIENT_IDS_REFUSED.map(([clientId]) => ({ ...call(press7, clientId), version: 5, tls: 'TLSv1.2' })));
      expect(heard.map(({ code, reason }) => [code, refusalIn(reason)])).toEqual(CLIENT_IDS_REFUSED.map(([, refusal, , current]) => [current, refusal]));
    });
  });

  describe('common names', () => {
    it.each(NAMES_ADMITTED)('one %s is admitted, and its token says device_<name>', async (_what, name) => {
      const leaf = pki.device(root, `/CN=${name}`);
      expect(await codes(call(leaf, name))).toEqual([0, 0, '']);
      const device = await enter({ ...call(leaf, name), version: 5 });
      const claims = JSON.parse(Buffer.from((await tokenOf(device)).split('.')[1]!, 'base64url').toString()) as { sub: string };
      await device.client.endAsync();
      expect(claims.sub).toBe(`device_${name}`);
      expect(await gate.main.devices()).toContain(name);
    });

    it.each(NAMES_REFUSED)('%s is refused: 5 in MQTT 3.1.1, 0x87 in MQTT 5', async (_what, subject, clientId, refusal) => {
      const before = await gate.main.devices();
      expect(await codes(call(pki.device(root, subject), clientId))).toEqual([5, 0x87, refusal]);
      expect(await gate.main.devices()).toEqual(before);
    });

    it('X25 an empty one is refused: 5 in MQTT 3.1.1, 0x87 in MQTT 5', async () => {
      // openssl leaves an empty name out.
      const leaf = await aDevice(await aRoot({ commonName: 'Root of nobody' }), { commonName: '' });
      const { cert, key, ca } = writePemFiles(pki.folder, 'nobody', leaf);
      expect((await gate.cli('trust', 'add', ca, '--auto-registration')).exit).toBe(0);
      expect(await codes(call({ file: cert, keyFile: key }, 'nobody'))).toEqual([5, 0x87, 'identity.length at depth 0']);
    });

    itWith('paho')('paho hears the same refusals over TLS 1.2', async () => {
      const heard = await paho(NAMES_REFUSED.map(([, subject, clientId]) => ({ ...call(pki.device(root, subject), clientId), version: 5, tls: 'TLSv1.2' })));
      expect(heard.map(({ code, reason }) => [code, refusalIn(reason)])).toEqual(NAMES_REFUSED.map(([, , , refusal]) => [0x87, refusal]));
    });
  });
});
