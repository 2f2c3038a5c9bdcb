/** Why a fetch ended; its text is for operators. */
export class NotFetched extends Error {}

/**
 * Where a redirect leads, as far as its URL says. What is behind the host is looked at when it is spoken to.
 *
 * @throws where it leads nowhere that a list is fetched from
 */
export function redirectTarget(from: URL, location: string | undefined): URL {
  const url = location === undefined ? null : URL.parse(location, from.href);
  if (!url) throw new NotFetched('it was redirected to no URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new NotFetched(`it was redirected to a URL of ${url.protocol}`);
  if (from.protocol === 'https:' && url.protocol === 'http:') throw new NotFetched('it was redirected from https to http');
  if (url.username !== '' || url.password !== '') throw new NotFetched('it was redirected to a URL with a password');
  return url;
}
