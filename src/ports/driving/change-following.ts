import { token } from '../token.ts';

/** Does here what a change elsewhere asks for. */
export interface ChangeFollowing {
  /** From here on changes count. Call it before the first session can be. Rejects where the store is out of order. */
  begin(): Promise<void>;
  /**
   * Works on all that has changed since it did so last: sessions end that no longer may be, and what was remembered of them is dropped. Resolves
   * when nothing is left. Rejects where a store is out of order; then nothing is lost, and the next call goes on from there. Not twice at a time.
   */
  catchUp(): Promise<void>;
  /** Looks at every session, whatever changed. */
  lookAtAll(): Promise<void>;
}

export const ChangeFollowing = token<ChangeFollowing>('ChangeFollowing');
