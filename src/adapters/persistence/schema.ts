/**
 * The tables as they are after the last migration. Text and integer columns only: SQLite binds neither booleans nor dates, and one set
 * of migrations shall serve PostgreSQL too. Times are ISO 8601 in UTC, which sort as they read; truth is 0 or 1.
 */
import type { AuditEntryTable, AuditHeadTable, ChangeNoteTable, LeaseTable, RefusalTable, RevocationListRuleTable, RevocationListTable, RevocationTable, SeenCertificateTable, SeenChainTable, SeenPathTable, SessionPlaceTable, SessionTakenTable, SigningKeyTable, SuccessorTable } from './record-tables.ts';
import type { OcspCertificateTable, OcspIssuerTable, OcspRuleTable } from './ocsp-rows.ts';

export type * from './record-tables.ts';

export interface Schema {
  readonly tenant: TenantTable;
  readonly tenant_option: TenantOptionTable;
  readonly administrator: AdministratorTable;
  readonly trust_anchor: TrustAnchorTable;
  readonly device: DeviceTable;
  readonly withdrawn_token: WithdrawnTokenTable;
  readonly admission_epoch: AdmissionEpochTable;
  readonly managed_object: ManagedObjectTable;
  readonly object_fragment: ObjectFragmentTable;
  readonly external_id: ExternalIdTable;
  readonly child_object: ChildObjectTable;
  readonly seen_certificate: SeenCertificateTable;
  readonly audit_entry: AuditEntryTable;
  readonly audit_head: AuditHeadTable;
  readonly seen_path: SeenPathTable;
  readonly seen_chain: SeenChainTable;
  readonly successor: SuccessorTable;
  readonly refusal: RefusalTable;
  readonly revocation: RevocationTable;
  readonly revocation_list: RevocationListTable;
  readonly revocation_list_rule: RevocationListRuleTable;
  readonly ocsp_certificate: OcspCertificateTable;
  readonly ocsp_issuer: OcspIssuerTable;
  readonly ocsp_rule: OcspRuleTable;
  readonly change_note: ChangeNoteTable;
  readonly session_place: SessionPlaceTable;
  readonly session_taken: SessionTakenTable;
  readonly lease: LeaseTable;
  readonly signing_key: SigningKeyTable;
  readonly new_devices: NewDevicesTable;
}

export interface TenantTable {
  readonly id: string;
  readonly domain: string;
  readonly domain_configured: number;
  readonly status: string;
  readonly created_at: string;
}

export interface TenantOptionTable {
  readonly tenant: string;
  readonly category: string;
  readonly key: string;
  readonly value: string;
}

export interface AdministratorTable {
  readonly tenant: string;
  readonly name: string;
  readonly password_hash: string;
  /** JSON array of role names. */
  readonly roles: string;
  readonly enabled: number;
  /** 1 where it is enabled and has ROLE_TENANT_ADMIN: of these each tenant keeps one. */
  readonly keeps_tenant: number;
  readonly display_name: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly email: string;
  /** Empty where it is not known. */
  readonly password_changed_at: string;
}

export interface TrustAnchorTable {
  readonly tenant: string;
  readonly fingerprint: string;
  readonly thumbprint: string;
  /** `NameKey` of the subject and of the issuer: an index, never proof. */
  readonly subject_key: string;
  readonly issuer_key: string;
  readonly der_base64: string;
  readonly name: string;
  readonly status: string;
  readonly auto_registration: number;
  readonly inert: number;
  readonly possession_proven: number;
  /** Empty where no code was issued. */
  readonly possession_code: string;
  readonly possession_code_until: string;
  readonly added_at: string;
  /** Empty where it was never disabled, or before that was kept. */
  readonly last_disabled_at: string;
}

export interface DeviceTable {
  readonly tenant: string;
  readonly id: string;
  readonly registered_by: string;
  readonly registered_at: string;
  /** JSON object, column name → cell. */
  readonly details: string;
  /** Empty, all three, as long as the device is not blocked. */
  readonly blocked_at: string;
  readonly blocked_by: string;
  readonly block_reason: string;
}

/** How many devices registered themselves in an hour since 1970: one row for each CA and one for the tenant. */
export interface NewDevicesTable {
  readonly tenant: string;
  /** Fingerprint of the CA, or `tenant`. */
  readonly counted_of: string;
  readonly hour: number;
  readonly count: number;
}

export interface WithdrawnTokenTable {
  readonly tenant: string;
  readonly jti: string;
  readonly keep_until: string;
}

/** One row, `id` 1. */
export interface AdmissionEpochTable {
  readonly id: number;
  readonly value: number;
}

export interface ManagedObjectTable {
  readonly tenant: string;
  readonly id: string;
  readonly owner: string;
  readonly type: string;
  readonly name: string;
  readonly creation_time: string;
  readonly last_updated: string;
  /** JSON object, fragment name → value. */
  readonly fragments: string;
  readonly revision: number;
}

/** Which object has which fragments: an index over `fragments`, written with it. */
export interface ObjectFragmentTable {
  readonly tenant: string;
  readonly name: string;
  readonly object: string;
}

export interface ExternalIdTable {
  readonly tenant: string;
  readonly type: string;
  readonly external_id: string;
  readonly object: string;
}

export interface ChildObjectTable {
  readonly tenant: string;
  readonly parent: string;
  readonly kind: string;
  readonly child: string;
}
