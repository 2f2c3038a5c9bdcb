/** What a contract works on, empty and its own, and how to let go of it. */
export interface Opened<Subject> {
  readonly subject: Subject;
  readonly close: () => Promise<void>;
}
