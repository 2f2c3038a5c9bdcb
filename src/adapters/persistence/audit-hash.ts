import { createHash } from 'node:crypto';
import type Sqlite from 'better-sqlite3';
import { hashedText } from '../../domain/audit/audit-entry.ts';

/** Gives a connection the function that `APPEND` calls: SQLite has no SHA-256. */
export function provideAuditHash(db: Sqlite.Database): void {
  const hash = (...texts: readonly string[]): string => {
    const [former = '', tenant = '', at = '', by = '', what = '', subject = '', before = '', after = ''] = texts;
    return sha256(hashedText(former, { tenant, at, by, what, subject, before, after }));
  };
  db.function('audit_hash', { deterministic: true, directOnly: true, varargs: true }, hash as (...parameters: unknown[]) => unknown);
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
