import { token } from '../token.ts';

/**
 * For how many seconds this process has not known for sure that it followed every change (`ChangeFeed`).
 *
 * - Below one while all is well. It grows while the store does not answer, and while what changes ask for takes long.
 * - Synchronous, costs nothing, never throws.
 */
export type FeedLag = () => number;

export const FeedLag = token<FeedLag>('FeedLag');
