import { describe, expect, it } from '@jest/globals';
import { decideRegistration } from '../../../src/domain/registration/decide-registration.ts';
import { aDevice, anAnchor, NOW } from '../../support/certificate-builders.ts';

const withFlag = anAnchor({ autoRegistration: true });
const without = anAnchor({ autoRegistration: false });

describe('A device may be here if it is known, or if its own CA lets it register itself (D-7)', () => {
  it.each([
    ['REQ-6 a known device', aDevice(), [without], 'is-known'],
    ['a known device whose CA has the flag', aDevice(), [withFlag], 'is-known'],
    ['REQ-6 an unknown device whose CA has the flag', undefined, [withFlag], 'registers-itself'],
    ['A02 an unknown device, the flag on one of the anchors of its paths', undefined, [without, withFlag], 'registers-itself'],
  ])('%s passes', (_who, known, anchors, value) => {
    expect(decideRegistration(known, anchors)).toEqual({ granted: true, value });
  });

  it.each([[[without]], [[withFlag]]])('a blocked device is refused, with the reason and not with who said so', (anchors) => {
    const known = aDevice({ block: { reason: 'stolen', by: 'main/admin', at: NOW } });
    expect(decideRegistration(known, anchors)).toEqual({ granted: false, refusal: { code: 'registration.device-blocked', evidence: { reason: 'stolen' } } });
  });

  it('A01 an unknown device whose CA has no flag is refused', () => {
    expect(decideRegistration(undefined, [without])).toEqual({ granted: false, refusal: { code: 'registration.not-registered' } });
  });
});
