import { notDer } from './der-fault.ts';

const UTC_TIME = 0x17;

/**
 * Reads a time in the one form RFC 5280 §4.1.2.5 allows for its type: `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`, a real day and time.
 *
 * A GeneralizedTime before 2050 is read: its issuer broke the RFC (§4.1.2.5 wants UTCTime there), but §4.1.2.5 also says that
 * "conforming applications MUST be able to process" dates in either form, and the time it states is not in doubt (X30).
 */
export function timeAt(bytes: Buffer, tag: number, content: number, end: number): Date {
  const yearDigits = tag === UTC_TIME ? 2 : 4;
  const form = tag === UTC_TIME ? 'a UTCTime is not YYMMDDHHMMSSZ' : 'a GeneralizedTime is not YYYYMMDDHHMMSSZ';
  if (end - content !== yearDigits + 11 || bytes[end - 1] !== 0x5a) notDer(form, content);
  for (let at = content; at < end - 1; at++) if (bytes[at]! < 0x30 || bytes[at]! > 0x39) notDer(form, at);
  const pair = (index: number): number => {
    const at = content + yearDigits + index * 2;
    return (bytes[at]! - 0x30) * 10 + (bytes[at + 1]! - 0x30);
  };
  const [month, day, hour, minute, second] = [pair(0), pair(1), pair(2), pair(3), pair(4)];
  const time = new Date(Date.UTC(2000, month - 1, day, hour, minute, second));
  // Not in Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  time.setUTCFullYear(yearOf(bytes, content, yearDigits), month - 1, day);
  const isReal =
    time.getUTCMonth() === month - 1 && time.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!isReal) notDer('a time names a day or an hour that does not exist', content);
  return time;
}

/** RFC 5280 §4.1.2.5.1: two digits from 50 on are of the 20th century. */
function yearOf(bytes: Buffer, content: number, digits: number): number {
  let year = 0;
  for (let at = content; at < content + digits; at++) year = year * 10 + (bytes[at]! - 0x30);
  if (digits === 4) return year;
  return year >= 50 ? 1900 + year : 2000 + year;
}
