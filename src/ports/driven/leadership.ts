import { token } from '../token.ts';

/** Whether this process does what only one of those that serve a fleet may do. At most one says so, but for seconds after it was held up. */
export interface Leadership {
  isMine(): boolean;
}

export const Leadership = token<Leadership>('Leadership');
