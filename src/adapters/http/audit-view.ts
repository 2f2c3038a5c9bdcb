import type { AuditRow } from '../../domain/audit/audit-entry.ts';
import type { ChainReport } from '../../domain/audit/check-chain.ts';
import { list, record, TENANT_ID, TEXT, TIME, WHETHER } from './openapi/schemas.ts';

const SEQ = { type: 'integer', minimum: 1, description: 'Its number in the chain of the tenant, from 1.' };
const HASH = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const STATE = { type: 'object', additionalProperties: true };
const COUNT = { type: 'integer', minimum: 0 };

export const AUDIT_ENTRY = {
  title: 'AuditEntry',
  description: 'Who did what. `before` and `after` hold what of its subject changed; `former` is the hash of the entry it was written after.',
  ...record(
    { tenant: TENANT_ID, seq: SEQ, time: TIME, by: TEXT, what: { type: 'string', examples: ['anchor.changed'] }, subject: TEXT, before: STATE, after: STATE, former: TEXT, hash: TEXT },
    { optional: ['before', 'after'] },
  ),
};

export const AUDIT_REPORT = {
  title: 'AuditReport',
  ...record({
    intact: WHETHER,
    chains: list({
      title: 'AuditChain',
      ...record(
        {
          tenant: TENANT_ID,
          rows: COUNT,
          head: { description: 'Where the chain ends. Write it down elsewhere: a chain that was made anew ends otherwise.', ...record({ seq: SEQ, hash: HASH }) },
          complete: { ...WHETHER, description: 'False: there are more problems than are listed.' },
          problems: list(
            record(
              { kind: { type: 'string', enum: ['changed', 'missing', 'reordered', 'unlinked'] }, seq: { type: 'integer' }, until: { type: 'integer' }, sentence: TEXT },
              { optional: ['until'] },
            ),
          ),
        },
        { optional: ['head'] },
      ),
    }),
  }),
};

export const auditEntryView = ({ tenant, seq, at, by, what, subject, before, after, former, hash }: AuditRow): object => ({
  ...{ tenant, seq, time: at, by, what, subject },
  ...stateView('before', before),
  ...stateView('after', after),
  ...{ former, hash },
});

export const auditReportView = (chains: readonly ChainReport[]): object => ({
  intact: chains.every(({ problems }) => problems.length === 0),
  chains: chains.map(({ head, ...chain }) => ({ ...chain, ...(head && { head: { seq: head.seq, hash: head.hash } }) })),
});

/** What somebody wrote there who is none of us is shown as it is: `verify` says so. */
function stateView(name: 'before' | 'after', text: string): object {
  if (text === '') return {};
  try {
    const state: unknown = JSON.parse(text);
    return { [name]: typeof state === 'object' && state !== null && !Array.isArray(state) ? state : { unreadable: text } };
  } catch {
    return { [name]: { unreadable: text } };
  }
}
