import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Refusal } from '../../../src/domain/refusal.ts';
import { grant, refuse, type Decision } from '../../../src/domain/shared/decision.ts';
import type { ListRule, StoredList } from '../../../src/domain/revocation/stored-list.ts';
import { FetchRevocationLists } from '../../../src/domain/usecases/fetch-revocation-lists.ts';
import { InMemoryRevocationLists } from '../../../src/adapters/in-memory/in-memory-revocation-lists.ts';
import { emptyState } from '../../../src/adapters/in-memory/in-memory-state.ts';
import type { AuditEvent } from '../../../src/ports/driven/audit-log.ts';
import { aCaCertificate, aStoredList, aTenantId, FixedClock } from '../../support/certificate-builders.ts';

const MINUTE = 60_000;
const rule = (overrides: Partial<ListRule> = {}): ListRule => ({ tenant: aTenantId(), anchor: aCaCertificate().fingerprint, urls: ['http://ca/1'], acceptHours: 1, refuseHours: 1, missing: 'refuse', ...overrides });

describe('Revocation lists are fetched in the background', () => {
  const clock = new FixedClock();
  let lists: InMemoryRevocationLists;
  let asked: string[];
  let added: unknown[];
  let told: string[];
  let tidied: number;
  let events: AuditEvent[];
  let outcome: Decision<StoredList, Refusal>;
  let fetching: FetchRevocationLists;
  let reach: (url: string) => Promise<boolean>;
  beforeEach(() => {
    lists = new InMemoryRevocationLists({ state: emptyState() });
    [asked, added, told, events, tidied] = [[], [], [], [], 0];
    outcome = grant(aStoredList());
    reach = async () => true;
    fetching = new FetchRevocationLists({
      ...{ lists, clock },
      source: {
        fetch: async ({ url, allowed }) => {
          asked.push(`${url} of ${allowed.length}`);
          return (await reach(url)) ? grant(new TextEncoder().encode(url)) : refuse({ code: 'list.not-fetched', evidence: { url, problem: 'nobody there' } });
        },
      },
      desk: {
        add: async (tenant, anchor, upload, by) => {
          added.push([tenant, anchor, new TextDecoder().decode(upload), by]);
          return outcome;
        },
        tidy: async () => void (tidied += 1),
      },
      audit: { record: (event) => void events.push(event) },
      log: { info: () => undefined, error: () => undefined, warn: (_facts, sentence) => void told.push(sentence) },
    });
  });

  const rounds = async (...minutes: readonly number[]): Promise<number[]> => {
    const counts: number[] = [];
    for (const each of minutes) {
      clock.advance(each * MINUTE);
      const before = asked.length;
      await fetching.round();
      counts.push(asked.length - before);
    }
    return counts;
  };

  it('from every URL of every rule, and from nowhere else', async () => {
    await fetching.round();
    expect(asked).toEqual([]);
    await lists.setRule(rule({ urls: ['http://ca/1', 'http://ca/2'] }));
    await lists.setRule(rule({ tenant: aTenantId('other'), urls: ['http://ca/3'] }));
    await fetching.round();
    expect(asked).toEqual(['http://ca/1 of 2', 'http://ca/2 of 2', 'http://ca/3 of 1']);
    expect(added[0]).toEqual(['main', rule().anchor, 'http://ca/1', 'http://ca/1']);
    expect([told, tidied]).toEqual([[], 1]);
  });

  it('once an hour', async () => {
    await lists.setRule(rule());
    expect(await rounds(0, 1, 58.9, 0.1, 59, 1)).toEqual([1, 0, 0, 1, 0, 1]);
  });

  it('again after five minutes where it failed, then later and later, up to an hour', async () => {
    await lists.setRule(rule());
    reach = async () => false;
    expect(await rounds(0, 4, 1, 9, 1, 19, 1, 39, 1, 59, 1, 59, 1)).toEqual([1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
    expect([added, told.length, told[0]]).toEqual([[], 7, expect.stringMatching(/the last good one stays\. list\.not-fetched: .*nobody there/)]);
    expect(events[0]).toEqual({ what: 'list.refused', tenant: 'main', by: 'http://ca/1', subject: rule().anchor, reason: 'list.not-fetched' });
    reach = async () => true;
    expect(await rounds(60, 59, 1)).toEqual([1, 0, 1]);
    reach = async () => false;
    expect(await rounds(60, 5)).toEqual([1, 1]);
  });

  it('again after five minutes where it was refused, which is told; and in an hour where it is not newer', async () => {
    await lists.setRule(rule());
    outcome = refuse({ code: 'list.signature-invalid' });
    expect(await rounds(0, 5)).toEqual([1, 1]);
    outcome = refuse({ code: 'list.not-newer' });
    expect(await rounds(10, 59, 1)).toEqual([1, 0, 1]);
    expect([told.length, events]).toEqual([2, []]);
  });

  it('at once where a rule was taken away and set anew', async () => {
    await lists.setRule(rule());
    await fetching.round();
    await lists.removeRule(rule().tenant, rule().anchor);
    await fetching.round();
    await lists.setRule(rule());
    expect(await rounds(0)).toEqual([1]);
  });

  it('one round at a time, which does not fetch any more once it is given up', async () => {
    await lists.setRule(rule({ urls: ['http://ca/1', 'http://ca/2'] }));
    const ending = new AbortController();
    reach = async () => {
      ending.abort();
      return false;
    };
    await Promise.all([fetching.round(ending.signal), fetching.round(ending.signal)]);
    expect([asked, told]).toEqual([['http://ca/1 of 2'], []]);
    reach = async () => true;
    await fetching.round();
    expect(asked.slice(1)).toEqual(['http://ca/2 of 2']);
  });

  it('also after a round in which the store was out of order', async () => {
    await lists.setRule(rule());
    const rules = lists.rules.bind(lists);
    lists.rules = () => Promise.reject(new Error('disk full'));
    await fetching.round();
    expect([asked, told]).toEqual([[], [expect.stringContaining('It is tried again')]]);
    lists.rules = rules;
    expect(await rounds(0)).toEqual([1]);
  });

  it('and what was left behind is tidied up once a day', async () => {
    await rounds(0, 60, 1379, 1);
    expect(tidied).toBe(2);
  });
});
