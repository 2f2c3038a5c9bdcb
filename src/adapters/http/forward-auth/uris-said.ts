import type { IncomingHttpHeaders } from 'node:http';

/** nginx is told to send the first, Traefik and Caddy send the second by themselves. */
const HEADERS = ['x-original-uri', 'x-forwarded-uri'] as const;

/**
 * Every URI that the request says it is about. A proxy sets its own header and passes the others on as the client sent them, so all of them
 * are looked at: whoever adds one makes them differ, which `decidePath` refuses. `path` is what follows `/auth/forward`, as Envoy sends it.
 */
export function urisSaid({ headers, path }: { readonly headers: IncomingHttpHeaders; readonly path: string }): readonly string[] {
  // Node joins a header that came twice by ", ", and no path has a space: it is refused like any other that cannot be read.
  const said = HEADERS.flatMap((name) => headers[name] ?? []);
  return path === '' || path.startsWith('?') ? said : [...said, path];
}
