/** Bytes hashed between two turns of the event loop. */
export const HASH_SLICE = 256 * 1024;
