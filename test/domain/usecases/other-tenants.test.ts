import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import { aTenantId, after, aName, DAY } from '../../support/certificate-builders.ts';
import { anInstance, ca, granted, key, leaf } from '../../support/an-instance.ts';

type Instance = Awaited<ReturnType<typeof anInstance>>;

const MAIN = aTenantId();
const OTHER = aTenantId('other');
const EVE = 'other/eve';
const long = { notAfter: after(365 * DAY) };
const ROOT = ca('Root', 'Root', long);
const MID = ca('Mid', 'Root', long);
const GOOD = leaf('press-7', 'Mid', long);
/** Below another CA of main, and main itself holds the step between. */
const SPARE = ca('Spare', 'Spare', long);
const LINE = ca('Line', 'Spare', long);
const BAD = leaf('press-8', 'Line', long);
/** What Eve has herself, and what she can take from the victims: their certificates are no secrets. */
const THEIRS = [ROOT, MID, SPARE, LINE, GOOD, BAD];
const HERS = [ca('Else', 'Else', long), ca('Root', 'Root', { ...long, publicKey: key('Fake'), serialNumber: 'by:Fake' }), ca('Mid', 'Mid', { ...long, publicKey: key('Fake 2'), serialNumber: 'by:Fake 2' })];

const certificate = fc.constantFrom(...THEIRS, ...HERS);
const textOf = (of: Certificate): string => new TextDecoder().decode(of.der);
const name = fc.oneof(
  certificate.map((of) => ({ certificate: textOf(of) })),
  certificate.map((of) => ({ fingerprint: of.fingerprint })),
  certificate.map((of) => ({ fingerprint: of.thumbprint })),
  fc.tuple(fc.constantFrom('01', 'a1', '00', 'ff'), fc.option(certificate)).map(([serialNumber, issuer]) => ({ serialNumber, ...(issuer && { issuer: issuer.fingerprint }) })),
);

type Deed = readonly [string, (instance: Instance) => Promise<unknown>];
const deed: fc.Arbitrary<Deed> = fc.oneof(
  name.map((choice): Deed => [`revoke ${JSON.stringify(choice)}`, ({ revocationDesk }) => revocationDesk.revoke(OTHER, choice, EVE)]),
  name.map((choice): Deed => [`hold ${JSON.stringify(choice)}`, ({ revocationDesk }) => revocationDesk.hold(OTHER, choice, EVE)]),
  name.map((choice): Deed => [`release ${JSON.stringify(choice)}`, ({ revocationDesk }) => revocationDesk.release(OTHER, choice, EVE)]),
  fc.array(fc.constantFrom('01', 'a1')).map((all): Deed => [`revoke all ${String(all)}`, ({ revocationDesk }) => revocationDesk.revokeAll(OTHER, all.map((serialNumber) => ({ serialNumber })), EVE)]),
  certificate.map((of): Deed => [`trust ${textOf(of)}`, ({ trust, known }) => {
    known(of);
    return trust.add(OTHER, { certificate: textOf(of), name: '', status: 'enabled', autoRegistration: true }, EVE);
  }]),
  certificate.map((of): Deed => [`distrust ${of.fingerprint}`, ({ trust }) => trust.remove(OTHER, of.fingerprint, EVE)]),
);

describe('What one tenant revokes, releases, trusts or distrusts', () => {
  it('T12 X29 D-6 changes no verdict on another’s devices, ends none of its sessions, kills none of its tokens, and frees nobody', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 6 }), async (deeds) => {
        const instance = await anInstance();
        for (const root of [ROOT, SPARE]) await instance.trusting(root);
        instance.known(...THEIRS, ...HERS);
        granted(await instance.revocationDesk.hold(MAIN, { certificate: textOf(LINE) }, 'main/ann'));
        const mine = await instance.connect([GOOD, MID]);
        const jwt = granted(await instance.tokens.issue(granted(mine.verdict).session));
        const before = [await instance.examine([GOOD, MID]), await instance.examine([BAD, LINE]), await instance.revocationDesk.list(MAIN, ['manual', 'hold'], { number: 1, size: 9 })];
        for (const [, act] of deeds) await act(instance);
        expect([await instance.examine([GOOD, MID]), await instance.examine([BAD, LINE]), await instance.revocationDesk.list(MAIN, ['manual', 'hold'], { number: 1, size: 9 })]).toEqual(before);
        expect([mine.ended, (await instance.tokens.recognise(jwt)).granted]).toEqual([[], true]);
        expect(before).toMatchObject([{ granted: true }, { refusal: { code: 'revocation.on-hold', depth: 1 } }, { total: 1 }]);
      }),
      { numRuns: 200 },
    );
  });

  it('and what it revokes of itself counts for itself alone', async () => {
    const instance = await anInstance();
    const [own, device] = [ca('Else', 'Else', long), leaf('press-9', 'Else', { ...long, issuer: aName('CN=Else') })];
    await instance.trusting(own, { tenant: OTHER });
    granted((await instance.connect([device])).verdict);
    granted(await instance.revocationDesk.hold(MAIN, { certificate: textOf(device) }, 'main/ann'));
    granted((await instance.connect([device])).verdict);
    granted(await instance.revocationDesk.hold(OTHER, { certificate: textOf(device) }, EVE));
    expect((await instance.connect([device])).verdict).toMatchObject({ refusal: { code: 'revocation.on-hold', depth: 0 } });
  });
});
