/** What every refusal code says about itself. The texts are for people; the code is the stable public name. */
export interface RuleText {
  /** The rule's source: an RFC section, a decision D-n or a requirement REQ-n of `src/domain/README.md`. */
  readonly cites: string;
  /** What was expected, as half a sentence: "… the time of connection lies within notBefore..notAfter". */
  readonly requires: string;
  /** What to do next, as a sentence to the operator. */
  readonly remedy: string;
}
