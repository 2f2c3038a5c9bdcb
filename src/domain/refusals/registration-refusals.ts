import type { RuleText } from './rule-text.ts';

/** Refusals of the question "may it be here?" and of rows of a bulk registration. */
export const REGISTRATION_REFUSALS = {
  'registration.not-registered': {
    cites: 'REQ-6, D-7',
    requires: 'the device is registered, or a CA on its path registers devices automatically',
    remedy: 'Register the device by a bulk file, or switch on automatic registration for its CA.',
  },
  'registration.trust-in-motion': {
    cites: 'D-14',
    requires: 'trust stands still for the moment of one connection',
    remedy: 'Connect again.',
  },
  'registration.unknown-device': {
    cites: 'wire-contract §4.1',
    requires: 'the tenant has a device of this id',
    remedy: 'List the devices and check the id.',
  },
  'registration.device-blocked': {
    cites: 'D-29',
    requires: 'no operator keeps the device out',
    remedy: 'Ask an operator of the tenant, who can unblock the device.',
  },
  'registration.block-reason': {
    cites: 'D-29',
    requires: 'the reason of a block has 1–256 characters, not only blanks, and no control or invisible ones',
    remedy: 'Give a reason in one short line: the device and its users will read it.',
  },
  'registration.block-stays': {
    cites: 'D-29',
    requires: 'a device that is removed is not blocked, for it could come back by registering anew',
    remedy: 'Leave the device blocked; or unblock it first, then remove it.',
  },
  'bulk.empty': {
    cites: 'wire-contract §4.1',
    requires: 'the file has a header line and at least one row',
    remedy: 'Write one row per device under the header.',
  },
  'bulk.header': {
    cites: 'wire-contract §4.1',
    requires: 'the first line names the columns, each once, among them ID',
    remedy: 'Correct the header line.',
  },
  'bulk.not-utf-8': {
    cites: 'D-17',
    requires: 'the file is UTF-8, with or without a byte order mark',
    remedy: 'Save the file as UTF-8.',
  },
  'bulk.ragged-row': {
    cites: 'D-17',
    requires: 'a row has as many cells as the header',
    remedy: 'Correct the row; quote cells that hold the delimiter.',
  },
  'bulk.row-too-large': {
    cites: 'D-11',
    requires: 'a row has at most 64 KiB and a cell at most 16 KiB',
    remedy: 'Shorten the row.',
  },
  'bulk.bad-quoting': {
    cites: 'RFC 4180 §2',
    requires: 'quotes open at the start of a cell and close at its end',
    remedy: 'Correct the quotes of the row.',
  },
  'bulk.id-missing': {
    cites: 'wire-contract §4.1',
    requires: 'the cell ID is filled',
    remedy: 'Write the device id, which is the common name of its certificate.',
  },
  'bulk.auth-type': {
    cites: 'REQ-7',
    requires: 'AUTH_TYPE is CERTIFICATES; devices with passwords (BASIC, or no AUTH_TYPE) are not served',
    remedy: 'Write CERTIFICATES into the column AUTH_TYPE and leave CREDENTIALS empty.',
  },
  'bulk.credentials-given': {
    cites: 'REQ-7',
    requires: 'CREDENTIALS is absent or empty when AUTH_TYPE is CERTIFICATES',
    remedy: 'Empty the cell CREDENTIALS; certificates need no password.',
  },
  'bulk.duplicate-id': {
    cites: 'C04',
    requires: 'an id stands once in a file',
    remedy: 'Delete one of the two rows that the evidence names.',
  },
  'bulk.too-many-rows': {
    cites: 'C04, D-11',
    requires: 'a file has at most 1,000,000 rows',
    remedy: 'Split the file. The rows above the one named were taken; it and those below it were not read.',
  },
  'bulk.tenant': {
    cites: 'T10, wire-contract §4.1',
    requires: 'only the management tenant registers devices of other tenants, and only of tenants that exist',
    remedy: 'Empty the cell TENANT, or upload the file as an administrator of the management tenant.',
  },
  'bulk.external-id-taken': {
    cites: 'D-34, wire-contract §4.1',
    requires: 'no external id of the row belongs to an object of somebody else',
    remedy: 'Correct the external id, or remove the object that has it.',
  },
  'bulk.unusable-property': {
    cites: 'D-35, wire-contract §4.1',
    requires: 'columns of properties are names parted by dots, none of which is the beginning of another; ICCID, SHELL (0 or 1), PATH and …Agent.active (true or false) have their form',
    remedy: 'Correct the column or the cell that the evidence names.',
  },
} as const satisfies Record<string, RuleText>;
