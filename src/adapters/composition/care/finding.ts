/** One thing that was looked at. */
export interface Finding {
  readonly what: 'directory' | 'modes' | 'database' | 'schema' | 'clock' | 'keys' | 'seals' | 'certificates' | 'password';
  /** `warning`: it works, and somebody should see to it. */
  readonly verdict: 'good' | 'warning' | 'bad';
  readonly sentence: string;
  readonly remedy?: string;
}

export const good = (what: Finding['what'], sentence: string): Finding => ({ what, verdict: 'good', sentence });
export const warning = (what: Finding['what'], sentence: string, remedy: string): Finding => ({ what, verdict: 'warning', sentence, remedy });
export const bad = (what: Finding['what'], sentence: string, remedy: string): Finding => ({ what, verdict: 'bad', sentence, remedy });
