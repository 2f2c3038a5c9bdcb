import { token } from '../token.ts';

/**
 * A number that moves with every change that can withdraw or grant admission: anchors, tenants, removed devices (D-14).
 *
 * - Two equal readings mean that no such change was committed between them, by any process.
 * - Never cached: each call sees what any process has committed.
 * - Cheap enough to be read twice in every connect.
 */
export interface AdmissionEpoch {
  current(): Promise<number>;
}

export const AdmissionEpoch = token<AdmissionEpoch>('AdmissionEpoch');
