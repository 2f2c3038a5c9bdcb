/** How a check that is optional acts: not at all, by telling whom it would refuse, or by refusing. */
export type CheckMode = 'off' | 'report' | 'enforce';

const MODES: readonly string[] = ['off', 'report', 'enforce'] satisfies readonly CheckMode[];

const mode = { usual: 'off', form: 'off, report or enforce', fits: (value: string) => MODES.includes(value) };

/** Tenant options that say how optional checks act, by `category/key`. */
export const CHECK_OPTIONS = { 'fleetgate/check.crl': mode, 'fleetgate/check.ocsp': mode } as const;

export const isCheckOption = (name: string): boolean => Object.hasOwn(CHECK_OPTIONS, name);

/** Of an option's value as it is stored; what was never set, or makes no sense, is off. */
export const checkMode = (value: string | undefined): CheckMode => (value === 'report' || value === 'enforce' ? value : 'off');
