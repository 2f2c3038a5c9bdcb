import type { RuleText } from './rule-text.ts';

/** Refusals of managed objects, their external ids and what is reported of them. */
export const INVENTORY_REFUSALS = {
  'inventory.unknown-object': {
    cites: 'wire-contract §5.4',
    requires: 'the tenant has an object of this id, and a device asks for its own',
    remedy: 'Look the object up by its external id, or list the objects.',
  },
  'inventory.unknown-external-id': {
    cites: 'wire-contract §5.1',
    requires: 'an object has this external id, and a device asks for its own',
    remedy: 'Create the object first (s/us 100, or POST /inventory/managedObjects), then its external id.',
  },
  'inventory.external-id-taken': {
    cites: 'D-34',
    requires: 'an external id belongs to one object of the tenant, and that of a registered device to the device',
    remedy: 'Look up which object has it, or choose another.',
  },
  'inventory.unusable-external-id': {
    cites: 'D-34',
    requires: 'type and externalId have 1–254 characters, none of them invisible, and the type does not begin with fleetgate_; an object has at most 20',
    remedy: 'Correct the external id.',
  },
  'inventory.unusable-text': {
    cites: 'D-33',
    requires: 'name, type and owner of an object are texts of at most 254 characters, none of them invisible',
    remedy: 'Correct the text.',
  },
  'inventory.unusable-fragment': {
    cites: 'D-33',
    requires: 'names of fragments and their members have 1–128 characters, none of them invisible, are not __proto__, and nest at most 8 deep',
    remedy: 'Rename or flatten the fragment.',
  },
  'inventory.object-too-large': {
    cites: 'D-33',
    requires: 'an object has at most 100 fragments, and 16 KiB of them as JSON',
    remedy: 'Keep less in the object; what changes often belongs into measurements and events.',
  },
  'inventory.too-many-objects': {
    cites: 'D-33',
    requires: 'a device owns at most 100 objects',
    remedy: 'Delete objects of the device that are no longer needed, or let an administrator create them.',
  },
  'inventory.in-motion': {
    cites: 'D-33',
    requires: 'an object stands still for the moment of one change',
    remedy: 'Send the change again.',
  },
  'inventory.own-child': {
    cites: 'D-33',
    requires: 'an object is no child of itself',
    remedy: 'Name another child.',
  },
  'inventory.unusable-report': {
    cites: 'wire-contract §5.1',
    requires: 'an event, alarm or measurement has its type, its time and the id of its source, an event and an alarm a text, an alarm a severity',
    remedy: 'Add or correct the member that the evidence names.',
  },
  'inventory.no-room-for-report': {
    cites: 'D-69',
    requires: 'there is room where messages of devices wait to be handed on',
    remedy: 'Send it again later. Operators: does the receiver named in FLEETGATE_SINK take messages?',
  },
} as const satisfies Record<string, RuleText>;
