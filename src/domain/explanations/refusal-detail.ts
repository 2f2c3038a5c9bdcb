import { sentenceOf, type Refusal } from '../refusal.ts';

/** How much of a refusal a device is told: the whole sentence, its code alone, or nothing but that it is refused. */
export const REFUSAL_DETAILS = ['sentence', 'code', 'none'] as const;
export type RefusalDetail = (typeof REFUSAL_DETAILS)[number];

const isDetail = (value: string): value is RefusalDetail => (REFUSAL_DETAILS as readonly string[]).includes(value);

/** The tenant's choice, by `category/key`. */
export const REFUSAL_OPTIONS = {
  'fleetgate/refusal.detail': { usual: 'sentence', form: 'sentence, code or none', fits: isDetail },
} as const;

/** What was set; one that makes no sense counts as the default. */
export const refusalDetail = (set: string | undefined): RefusalDetail => (set !== undefined && isDetail(set) ? set : 'sentence');

/** A refusal with how much of it its device may hear; absent: the sentence. */
export interface ToldRefusal extends Refusal {
  readonly told?: Exclude<RefusalDetail, 'sentence'>;
}

/** The text for the device; empty where it is told nothing. */
export function toldText(refusal: ToldRefusal): string {
  if (refusal.told === 'none') return '';
  return refusal.told === 'code' ? refusal.code : sentenceOf(refusal);
}
