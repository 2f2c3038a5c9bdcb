import type { Refusal } from '../../domain/refusal.ts';
import { token } from '../token.ts';

/**
 * Writes down what was decided, for people who ask later.
 *
 * - Never throws and never makes the caller wait: a decision does not depend on its record.
 * - Records hold no password, token, private key or certificate. Text from outside is bounded and cannot break the line.
 */
export interface AuditLog {
  record(event: AuditEvent): void;
}

export type AuditEvent =
  | { readonly what: 'device.admitted'; readonly tenant: string; readonly device: string; readonly registered: boolean; readonly from: string; readonly connection?: string }
  | {
      /** `would-be-refused`: it was admitted, for a check only reports, or the lists are not too old yet. */
      readonly what: 'device.refused' | 'device.would-be-refused';
      readonly refusal: Refusal;
      readonly from: string;
      readonly clientId: string;
      /** Names the connection, here and in the line about its end. */
      readonly connection?: string;
      /** Known where the tenant was found, or where one tenant's CA alone made the signatures. */
      readonly tenant?: string;
      readonly device?: string;
      /** Subject text and thumbprint of the first certificate, where one was readable. */
      readonly certificate?: string;
      /** For the operator only, never for the peer: names of other tenants' anchors and the like. */
      readonly hint?: string;
    }
  | { readonly what: 'token.issued' | 'token.refused'; readonly tenant: string; readonly device: string; readonly reason?: string }
  | {
      readonly what:
        | 'anchor.added'
        | 'anchor.changed'
        | 'anchor.removed'
        | 'rollover.set'
        | 'rollover.removed'
        | 'possession.code-issued'
        | 'possession.proven'
        | 'possession.refused'
        | 'possession.confirmed'
        | 'device.removed'
        | 'device.blocked'
        | 'device.unblocked'
        | 'certificate.revoked'
        | 'certificate.held'
        | 'certificate.released'
        | 'token.withdrawn'
        | 'list.added'
        | 'list.removed'
        | 'list.refused'
        | 'list.rule-set'
        | 'list.rule-removed'
        | 'responder.rule-set'
        | 'responder.rule-removed'
        | 'session.outdated'
        | 'devices.imported'
        | 'tenant.created'
        | 'tenant.status-set'
        | 'tenant.option-set'
        | 'object.created'
        | 'object.changed'
        | 'object.removed'
        | 'tenant.option-removed'
        | 'user.added'
        | 'user.changed'
        | 'user.removed'
        | 'login.limited'
        | 'keys.rotated'
        /** Once an hour for each: more devices want to register themselves than the CA (the subject is its fingerprint) or the tenant may bring. */
        | 'registration.quota-full';
      readonly tenant: string;
      /** User name of whoever did it. */
      readonly by: string;
      readonly subject: string;
      readonly sessionsEnded?: number;
      /** Where the operator gave one. */
      readonly reason?: string;
    };

export const AuditLog = token<AuditLog>('AuditLog');
