/**
 * What every decision of the domain looks like. A refusal is a value, never an exception: the caller cannot
 * overlook it, and a test can compare it.
 */
export type Decision<Granted, Refused> =
  | { readonly granted: true; readonly value: Granted }
  | { readonly granted: false; readonly refusal: Refused };

export const grant = <Granted>(value: Granted): { readonly granted: true; readonly value: Granted } => ({
  granted: true,
  value,
});

export const refuse = <Refused>(refusal: Refused): { readonly granted: false; readonly refusal: Refused } => ({
  granted: false,
  refusal,
});
