import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inboxSubject, tokenOf, topicOf, upstreamSubject } from '../../../src/adapters/message-sinks/nats/nats-subjects.ts';
import { aDeviceId, aTenantId } from '../../support/certificate-builders.ts';

const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: fc.constantFrom('.', '*', '>', ' ', '%', '-', '/', '2', 'E', 'a', 'ü', '🔧', '\0', '\r', '\n', '$'), maxLength: 12 }),
).filter((text) => text.isWellFormed());
const names = { tenant: anything, device: anything, topic: anything };
const up = ({ tenant, device, topic }: { tenant: string; device: string; topic: string }): string => upstreamSubject({ tenant: aTenantId(tenant), device: aDeviceId(device), topic });
/** What a subject may have in nats-server, and no wildcard. */
const SUBJECT = /^[\w%-]+(\.[\w%-]+)*$/;
/** Of a PUB line: 4096 bytes, less the reply subject, the sizes and the word itself. */
const LONGEST = 3_500;

describe('Subjects of NATS', () => {
  it.each([
    [{ tenant: 'acme', device: 'press-7', topic: 's/us' }, 'fleetgate.acme.press-7.s.us'],
    [{ tenant: 'acme', device: 'urn:dev.7', topic: 's/us/a.b' }, 'fleetgate.acme.urn%3Adev%2E7.s.us.a%2Eb'],
    [{ tenant: 't1', device: '*', topic: 's/uc/>' }, 'fleetgate.t1.%2A.s.uc.%3E'],
    [{ tenant: 't1', device: 'größe 7', topic: 's//us' }, 'fleetgate.t1.gr%C3%B6%C3%9Fe%207.s.%.us'],
    [{ tenant: 't1', device: '', topic: '' }, 'fleetgate.t1.%.%'],
  ])('are legible: %j', (message, subject) => expect(up(message)).toBe(subject));

  it('T05 have five tokens or more of harmless characters, whatever tenant, device and topic are called, and fit a line', () => {
    fc.assert(
      fc.property(fc.record(names), (message) => {
        const subject = up(message);
        expect(subject).toMatch(SUBJECT);
        expect(subject.split('.').slice(0, 3)).toEqual(['fleetgate', tokenOf(message.tenant), tokenOf(message.device)]);
        expect(subject.length).toBeLessThan(LONGEST);
      }),
      { numRuns: 3_000 },
    );
  });

  it('T05 are the same for the same names only: nobody is taken for another', () => {
    fc.assert(fc.property(fc.record(names), fc.record(names), (a, b) => expect(up(a) === up(b)).toBe(a.tenant === b.tenant && a.device === b.device && a.topic === b.topic)), { numRuns: 3_000 });
    fc.assert(fc.property(anything, anything, (a, b) => expect(tokenOf(a) === tokenOf(b)).toBe(a === b)), { numRuns: 3_000 });
  });

  it('T05 of an inbox are matched by no other device’s, and by no message of a device', () => {
    fc.assert(
      fc.property(fc.record(names), fc.record(names), (a, b) => {
        const [inbox, other] = [a, b].map(({ tenant, device }) => inboxSubject({ tenant: aTenantId(tenant), device: aDeviceId(device) }));
        const isSame = a.tenant === b.tenant && a.device === b.device;
        expect(other!.slice(0, -1).startsWith(inbox!.slice(0, -1))).toBe(isSame);
        expect(up(a).startsWith(inbox!.slice(0, -1))).toBe(false);
        expect(inbox!.slice(0, -2)).toMatch(SUBJECT);
      }),
      { numRuns: 3_000 },
    );
  });

  it('of an inbox name the topic that was meant, and nothing where they name none', () => {
    const sendTo = (topic: string): string => `fleetgate-down.acme.press-7.${topic.split('/').map(tokenOf).join('.')}`;
    fc.assert(fc.property(anything.filter((topic) => topic.split('/').every((level) => !tokenOf(level).startsWith('%-'))), (topic) => expect(topicOf(sendTo(topic))).toBe(topic)), { numRuns: 2_000 });
    expect(topicOf('fleetgate-down.acme.press-7.s.dc.%C3%B6')).toBe('s/dc/ö');
    for (const wrong of ['fleetgate-down.acme.press-7', ...['s.%2f', 's.%61', 's.%FF', 's.%-', 's.ä', 's.%2', 's.*'].map((topic) => `fleetgate-down.acme.press-7.${topic}`)]) expect(topicOf(wrong)).toBeUndefined();
  });

  it('stay short where names are long, by a SHA-256 in their place, which no other name has as its token', () => {
    const long = 'x'.repeat(201);
    expect([tokenOf('x'.repeat(200)), tokenOf(long)]).toEqual(['x'.repeat(200), expect.stringMatching(/^%-[0-9a-f]{64}$/)]);
    expect(tokenOf(tokenOf(long))).not.toBe(tokenOf(long));
    expect(up({ tenant: 'acme', device: 'press-7', topic: 's/us/'.repeat(3_000) })).toMatch(/^fleetgate\.acme\.press-7\.%-[0-9a-f]{64}$/);
  });
});
