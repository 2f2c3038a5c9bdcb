/** A moment as RFC 3339 writes it, with its zone; undefined for anything else, such as a day that no month has. */
export function readTime(text: string): Date | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/.exec(text);
  if (!match) return undefined;
  const day = new Date(`${match[1]}T00:00:00Z`);
  const time = new Date(text);
  const isReal = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(match[1]!) && !Number.isNaN(time.getTime());
  return isReal ? time : undefined;
}
