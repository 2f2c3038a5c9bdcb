/** Lets everybody else have a turn. */
export type Pause = () => Promise<void>;

/** Bytes hashed between two turns. */
export const HASH_SLICE = 256 * 1024;
