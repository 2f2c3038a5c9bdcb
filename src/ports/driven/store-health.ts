import { token } from '../token.ts';

/** Whether what is kept can be read and written: `/ready` asks it. */
export interface StoreHealth {
  /** Resolves where the stores answer and, as far as can be told without writing, take changes. Rejects with what is wrong; soon, and at little cost. */
  probe(): Promise<void>;
}

export const StoreHealth = token<StoreHealth>('StoreHealth');
