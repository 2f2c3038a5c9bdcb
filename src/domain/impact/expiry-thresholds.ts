const DAY_MS = 86_400_000;

/** Days before the end at which a certificate is warned of. */
export const WARN_DAYS = [1, 7, 14, 30] as const;

/** The least threshold that has been reached; undefined where the end is further away than all. An end that has passed counts as the least. */
export function thresholdOf(notAfter: Date, at: Date): (typeof WARN_DAYS)[number] | undefined {
  const days = (notAfter.getTime() - at.getTime()) / DAY_MS;
  return WARN_DAYS.find((threshold) => days <= threshold);
}

/** How much of its life a revocation list may have left when one speaks of its end: a daily one always ends within a day. */
const LAST_PART = 4;

/** The same for a list, which its successor usually replaces in time: 0 where that has not come, else the days that are less than a quarter of its life. */
export function listThresholdOf({ thisUpdate, nextUpdate }: { readonly thisUpdate: Date; readonly nextUpdate: Date }, at: Date): 0 | (typeof WARN_DAYS)[number] | undefined {
  if (nextUpdate < at) return 0;
  const threshold = thresholdOf(nextUpdate, at);
  const life = nextUpdate.getTime() - thisUpdate.getTime();
  return threshold !== undefined && threshold * DAY_MS * LAST_PART <= life ? threshold : undefined;
}
