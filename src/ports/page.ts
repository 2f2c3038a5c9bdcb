/** Page `number` (from 1) of `size` items; the size is bounded by the caller. */
export interface PageRequest {
  readonly number: number;
  readonly size: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Over all pages. */
  readonly total: number;
}
