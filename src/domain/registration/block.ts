/** Why an operator keeps a device out. Its certificate and its CA may be as good as before. */
export interface Block {
  /** Told to the device and to whoever shows its token. Made by `parseBlockReason` only. */
  readonly reason: string;
  /** User name of the operator: `tenant/user`. For operators only. */
  readonly by: string;
  readonly at: Date;
}

/** Characters (UTF-16 units): it must fit a Reason String of MQTT and a line of a log. */
export const LONGEST_REASON = 256;

/** A sentence that can be shown anywhere: 1–256 characters, none of them a control or format character or half a character, and not only blanks. */
export function parseBlockReason(text: string): string | undefined {
  const isShowable = text.trim() !== '' && text.length <= LONGEST_REASON && !/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(text);
  return isShowable ? text : undefined;
}
