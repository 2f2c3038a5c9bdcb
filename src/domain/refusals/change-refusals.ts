import type { RuleText } from './rule-text.ts';

/** Refusals of changes that are looked at before they are made, and of the way from one CA to the next. */
export const CHANGE_REFUSALS = {
  'change.not-confirmed': {
    cites: 'D-49',
    requires: 'a change that keeps out more devices than the option fleetgate/confirm.above allows is confirmed by their number',
    remedy: 'Look at the figures (dryRun=true). If that is meant, send the change again with confirm=<devices>.',
  },
  'change.no-successor': {
    cites: 'D-50',
    requires: 'the certificate has a successor',
    remedy: 'List the rollovers, or set a successor.',
  },
  'change.successor-circle': {
    cites: 'D-50',
    requires: 'a certificate does not follow itself, neither at once nor by way of others',
    remedy: 'Name the certificate that shall take its place; or remove the link that leads back.',
  },
  'change.end-date-past': {
    cites: 'D-50',
    requires: 'the end date of a rollover lies ahead',
    remedy: 'Give a later date, or none.',
  },
} as const satisfies Record<string, RuleText>;
