/** Tenant options about changes, in the form of `TOKEN_OPTIONS`. */
export const CHANGE_OPTIONS = {
  /** A change that hits more devices than this wants their number as a confirmation. */
  'fleetgate/confirm.above': {
    usual: 'off',
    form: 'off, or a whole number of devices',
    fits: (value: string) => value === 'off' || /^\d{1,9}$/.test(value),
  },
} as const;

/** How many devices a change may hit without being confirmed; undefined: any number. */
export const confirmAbove = (value: string | undefined): number | undefined =>
  value !== undefined && value !== 'off' && CHANGE_OPTIONS['fleetgate/confirm.above'].fits(value) ? Number(value) : undefined;
