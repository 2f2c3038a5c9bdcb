/** Tables of what was seen, refused and done. */

export interface SeenCertificateTable {
  readonly tenant: string;
  readonly device: string;
  readonly thumbprint: string;
  /** These two are empty in rows from before they were kept. */
  readonly fingerprint: string;
  readonly issuer_key: string;
  readonly serial_number: string;
  readonly not_before: string;
  readonly not_after: string;
  readonly last_seen: string;
}

/** Rows are added and never changed. */
export interface AuditEntryTable {
  readonly tenant: string;
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly what: string;
  readonly subject: string;
  /** JSON objects, or empty. */
  readonly state_before: string;
  readonly state_after: string;
  /** `hash` of the row it was written after; empty for the first. */
  readonly former: string;
  readonly hash: string;
}

/** The last row of each tenant's chain. */
export interface AuditHeadTable {
  readonly tenant: string;
  readonly seq: number;
  readonly hash: string;
}

export interface SeenPathTable {
  readonly tenant: string;
  readonly device: string;
  readonly thumbprint: string;
  readonly not_after: string;
  /** JSON: for each way the anchor, then what stands between. */
  readonly ways: string;
  readonly last_seen: string;
  /** Empty where it is not known. */
  readonly seen_before: string;
}

/** Beside `seen_path`, so that its pages stay small. */
export interface SeenChainTable {
  readonly tenant: string;
  readonly device: string;
  /** JSON: of each certificate serial number, issuer, fingerprint and DER; empty where they are not known. */
  readonly certificates: string;
  readonly last_seen: string;
}

export interface SuccessorTable {
  readonly tenant: string;
  readonly fingerprint: string;
  readonly successor: string;
  /** Empty where none was set. */
  readonly end_date: string;
  readonly since: string;
  readonly by: string;
}

export interface RefusalTable {
  readonly tenant: string;
  readonly code: string;
  readonly mark: string;
  /** -1 where there is none. */
  readonly depth: number;
  /** JSON object; empty where there is none. */
  readonly evidence: string;
  /** Empty, with the three below it, where no certificate could be read. */
  readonly thumbprint: string;
  readonly serial_number: string;
  readonly subject: string;
  readonly issuer: string;
  readonly sent: number;
  readonly device: string;
  readonly client_id: string;
  readonly from_address: string;
  readonly origin: string;
  readonly count: number;
  readonly first_seen: string;
  readonly last_seen: string;
  /** 1: the last one was let in, for the check only reports. */
  readonly would_be: number;
}

export interface RevocationTable {
  readonly tenant: string;
  /** These three are empty where they are not given; `issuer_key` is a `NameKey`. */
  readonly serial_number: string;
  readonly issuer_key: string;
  readonly fingerprint: string;
  readonly source: string;
  readonly reason: string;
  readonly since: string;
  readonly noted_by: string;
  readonly note: string;
}

export interface RevocationListTable {
  readonly tenant: string;
  readonly id: string;
  /** Fingerprint of the trusted CA. */
  readonly anchor: string;
  readonly issuer_key: string;
  readonly issuer_text: string;
  /** Empty where the list has none, as are `number` and `delta_of`, which are decimal. */
  readonly authority_key: string;
  /** JSON of `ScopeFacts`, members always in one order: compared as it stands. */
  readonly scope: string;
  readonly number: string;
  readonly delta_of: string;
  /** `full` or `delta`. */
  readonly kind: string;
  readonly thumbprint: string;
  readonly this_update: string;
  readonly next_update: string;
  readonly taken_from: string;
  readonly added_at: string;
  /** `filling`, `current` or `gone`. */
  readonly state: string;
  readonly entries: number;
}

export interface RevocationListRuleTable {
  readonly tenant: string;
  readonly anchor: string;
  /** JSON array. */
  readonly urls: string;
  readonly missing: string;
  readonly accept_hours: number;
  readonly refuse_hours: number;
}

/** What changed. `seq` is the epoch after it. */
export interface ChangeNoteTable {
  readonly seq: number;
  readonly tenant: string;
  readonly kind: string;
  readonly subject: string;
}

/** Who holds the session of a device, and who held the one before. */
export interface SessionPlaceTable {
  readonly tenant: string;
  readonly device: string;
  readonly holder: string;
  readonly session: string;
  /** Fingerprints, with blanks between. */
  readonly anchors: string;
  /** Empty: nobody. */
  readonly former_holder: string;
  readonly former_session: string;
}

/** A session that its holder has to end, because its device came to another. */
export interface SessionTakenTable {
  readonly tenant: string;
  readonly device: string;
  readonly holder: string;
  readonly session: string;
}

export interface LeaseTable {
  readonly name: string;
  readonly holder: string;
  readonly beat: number;
}

export interface SigningKeyTable {
  readonly kid: string;
  /** JSON. */
  readonly record: string;
}
