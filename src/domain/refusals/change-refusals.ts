import type { RuleText } from './rule-text.ts';

/** Refusals of changes that are looked at before they are made, and of the way from one CA to the next. */
export const CHANGE_REFUSALS = {
  'change.not-confirmed': {
    cites: 'D-49',
    requires: 'a change that keeps out more devices than the option fleetgate/confirm.above allows is confirmed by their number',
    remedy: 'Look at the figures (dryRun=true). If that is meant, send the change again with confirm=<devices>.',
  },
} as const satisfies Record<string, RuleText>;
