import { createHash, createPrivateKey, sign } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { KeyWish, Minted } from '../../../src/ports/driven/certificate-mint.ts';
import { DAY } from '../../support/certificate-builders.ts';
import { anIntermediate, aRoot } from '../../support/pki.ts';
import { anApi, INFO, type Api } from './an-api.ts';

const LIST = '/tenant/tenants/main/trusted-certificates';
const POP = `${LIST}-pop`;
const sha1 = ({ der }: Minted): string => createHash('sha1').update(der).digest('hex');
const signed = (code: string, { keyPem }: Minted): string => {
  const key = createPrivateKey(keyPem);
  return sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', Buffer.from(code), key).toString('base64');
};

describe('Proof of possession', () => {
  let api: Api;
  let root: Minted;
  let fingerprint: string;
  let code: string;
  beforeEach(async () => {
    api = await anApi();
    root = await aRoot();
    ({ fingerprint, proofOfPossessionUnsignedVerificationCode: code } = await upload(root));
  });
  afterEach(() => api.close());

  const upload = async (ca: Minted, as: 'main/admin' | 'other/admin' = 'main/admin') => {
    const answer = await api.ask(`POST /tenant/tenants/${as.split('/')[0]}/trusted-certificates`, { as, payload: { certInPemFormat: ca.certificatePem, status: 'ENABLED' } });
    expect(answer.statusCode).toBe(201);
    return answer.json();
  };
  const prove = (proofOfPossessionSignedVerificationCode: unknown, at = fingerprint) =>
    api.ask(`POST ${POP}/${at}/pop`, { as: 'main/admin', payload: { proofOfPossessionSignedVerificationCode } });

  it.each<KeyWish>(['p256', 'p384', 'p521', 'rsa2048', 'ed25519'])('is taken by the key of a %s CA, shown from then on, and stays', async (key) => {
    const ca = await aRoot({ commonName: `Root ${key}`, key });
    const { fingerprint: at, proofOfPossessionUnsignedVerificationCode: its } = await upload(ca);
    const answer = await prove(signed(its, ca), at);
    expect([answer.statusCode, answer.json().proofOfPossessionValid, answer.json().fingerprint]).toEqual([200, true, at]);
    await api.ask(`PUT ${LIST}/${at}`, { as: 'main/admin', payload: { status: 'DISABLED' } });
    expect((await api.ask(`GET ${LIST}/${at}`, { as: 'main/admin' })).json()).toMatchObject({ proofOfPossessionValid: true, proofOfPossessionUnsignedVerificationCode: its });
  });

  it('tolerates one line end after the code, and line breaks in the base64', async () => {
    const lines = signed(`${code}\n`, root).replaceAll(/.{64}/g, '$&\n');
    expect((await prove(`${lines}\n`)).statusCode).toBe(200);
  });

  it('is of a code that stands in every view, and is renewed when it is asked for', async () => {
    const shown = async (route: `${string} ${string}`) => (await api.ask(route, { as: 'main/admin' })).json();
    expect((await shown(`GET ${LIST}`)).certificates[0].proofOfPossessionUnsignedVerificationCode).toBe(code);
    expect(new Date((await shown(`GET ${LIST}/${fingerprint}`)).proofOfPossessionVerificationCodeUsableUntil).getTime() - api.clock.now().getTime()).toBe(7 * DAY);
    const renewed = await shown(`POST ${POP}/${fingerprint}/verification-code`);
    expect([renewed.fingerprint, renewed.proofOfPossessionUnsignedVerificationCode === code]).toEqual([fingerprint, false]);
    expect((await prove(signed(code, root))).statusCode).toBe(400);
    expect((await prove(signed(renewed.proofOfPossessionUnsignedVerificationCode, root))).statusCode).toBe(200);
  });

  it('answers a wrong signature, a code that has ended, and what is no signature, in the words of the compatible API', async () => {
    const other = await aRoot({ commonName: 'Other' });
    const wrong = await prove(signed(code, other));
    const text = `Wrong Proof Of Possession plaintext used for tenant <'main'>. Certificate <'${fingerprint}'>, usage not granted.`;
    expect([wrong.statusCode, wrong.json()]).toEqual([400, { error: 'tenants/Bad Request', message: text, info: INFO, details: expect.objectContaining({ code: 'anchor.possession-not-proven' }) }]);
    for (const none of ['', '!', 'YQ', 'YR==', 7, null, undefined, 'A'.repeat(3_000)]) {
      const answer = await prove(none);
      expect([answer.statusCode, answer.json().error, answer.json().message, answer.json().details.code]).toEqual([422, 'tenants/Unprocessable Entity', `Cannot process certificate data <'${fingerprint}'> for tenant <'main'>.`, 'anchor.possession-unreadable']);
    }
    api.clock.advance(8 * DAY);
    const late = await prove(signed(code, root));
    expect([late.statusCode, late.json().error, late.json().message]).toEqual([400, 'tenants/Bad Request', `Proof of possession verification code used for tenant main expired. Certificate ${fingerprint}, usage not granted.`]);
  });

  it.each(['verification-code', 'pop', 'confirmed'] as const)('knows no other certificate than those of the tenant: %s', async (what) => {
    const as = what === 'confirmed' ? 'management/admin' : 'main/admin';
    const payload = { proofOfPossessionSignedVerificationCode: signed(code, root) };
    for (const given of ['0'.repeat(40), 'nonsense']) {
      const answer = await api.ask(`POST ${POP}/${given}/${what}`, { as, payload });
      expect([answer.statusCode, answer.json().message]).toEqual([404, `Cannot find certificate with fingerprint ${given}.`]);
    }
  });

  it('T08 is for administrators of the tenant, and confirming for those of the management tenant', async () => {
    const payload = { proofOfPossessionSignedVerificationCode: signed(code, root) };
    const statusOf = async (what: string, as: 'main/admin' | 'main/reader' | 'other/admin' | 'management/admin') => (await api.ask(`POST ${POP}/${fingerprint}/${what}`, { as, payload })).statusCode;
    for (const as of ['main/reader', 'other/admin', 'management/admin'] as const) {
      for (const what of ['verification-code', 'pop']) expect([as, what, await statusOf(what, as)]).toEqual([as, what, 403]);
    }
    for (const as of ['main/admin', 'main/reader', 'other/admin'] as const) expect([as, await statusOf('confirmed', as)]).toEqual([as, 403]);
    expect((await api.ask(`GET ${LIST}/${fingerprint}`, { as: 'main/admin' })).json().proofOfPossessionValid).toBe(false);
    const confirmed = await api.ask(`POST ${POP}/${fingerprint}/confirmed`, { as: 'management/admin' });
    expect([confirmed.statusCode, confirmed.json().proofOfPossessionValid]).toEqual([200, true]);
    const nowhere = await api.ask(`POST /tenant/tenants/t01/trusted-certificates-pop/${fingerprint}/confirmed`, { as: 'management/admin' });
    expect([nowhere.statusCode, nowhere.json().message]).toEqual([404, 'There is no tenant with id = t01']);
  });

  it('makes an upload count that touches another tenant’s trust (D-6)', async () => {
    const middle = await anIntermediate();
    const theirs = await upload(middle, 'other/admin');
    expect([theirs.inert, theirs.warnings]).toEqual([true, [expect.stringContaining('Prove that you possess its private key')]]);
    const payload = { proofOfPossessionSignedVerificationCode: signed(theirs.proofOfPossessionUnsignedVerificationCode, middle) };
    const proven = (await api.ask(`POST /tenant/tenants/other/trusted-certificates-pop/${sha1(middle)}/pop`, { as: 'other/admin', payload })).json();
    expect([proven.inert, proven.warnings]).toEqual([false, undefined]);
  });
});

describe('addToTrustStore=false', () => {
  it.each([['', 'ENABLED'], ['?addToTrustStore=true', 'ENABLED'], ['?addToTrustStore=false', 'DISABLED']])('stores disabled, whatever the status that is asked for (D-23): %j', async (query, status) => {
    const api = await anApi();
    for (const [ca, path, wrap] of [[await aRoot(), LIST, false], [await aRoot({ commonName: 'Second' }), `${LIST}/bulk`, true]] as const) {
      const upload = { certInPemFormat: ca.certificatePem, status: 'ENABLED', autoRegistrationEnabled: true };
      const answer = await api.ask(`POST ${path}${query}`, { as: 'main/admin', payload: wrap ? { certificates: [upload] } : upload });
      const made = wrap ? answer.json().certificates[0] : answer.json();
      expect([answer.statusCode, made.status, made.autoRegistrationEnabled]).toEqual([201, status, true]);
      expect((await api.ask(`PUT ${LIST}/${made.fingerprint}`, { as: 'main/admin', payload: { status: 'ENABLED' } })).json().status).toBe('ENABLED');
    }
    await api.close();
  });
});
