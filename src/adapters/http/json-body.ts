import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badRequest, type Problem } from './problem.ts';
import { holdsTwins } from './twin-members.ts';

/**
 * Bodies are JSON. Clients call it `application/json`, `application/vnd.com.nsn.cumulocity.….+json;ver=0.9`, `json` or nothing
 * at all, in any case; all of that is taken. A body that says it is something else gets 415, so that no HTML form can send one.
 */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', async (request) => {
    const type = request.headers['content-type'];
    // Before the parameters: the boundary of a multipart body may hold any letters.
    const media = type?.split(';', 1)[0]?.trim();
    if (media !== undefined && (/json/i.test(media) || media === '')) request.headers['content-type'] = 'application/json';
  });
  // `*` also stands for "no content type".
  app.addContentTypeParser(['application/json', '*'], { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    const type = request.headers['content-type'];
    if (type !== undefined && type !== 'application/json') throw UNSUPPORTED;
    return body.length === 0 ? undefined : parse(body);
  });
}

const UNSUPPORTED: Problem = {
  status: 415,
  error: 'general/Unsupported Media Type',
  message: 'The body is of a type that is not read here. Send JSON with Content-Type: application/json. A bulk file goes as text/csv or multipart/form-data.',
};

/** The error of `JSON.parse` would quote the body, and bodies hold keys and passwords (R13). */
function parse(body: Buffer): unknown {
  const read = readText(body);
  if (!read) throw badRequest('The body is not JSON in UTF-8, or is nested too deep. Send one JSON object, such as {"status":"ENABLED"}.');
  if (holdsTwins(read.text)) throw badRequest('An object in the body has two members of one name. Send each member once.');
  return read.value;
}

function readText(body: Buffer): { readonly text: string; readonly value: unknown } | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return { text, value: JSON.parse(text, safe) as unknown };
  } catch {
    return undefined;
  }
}

/**
 * Members by which a parsed object could reach into prototypes are left out, as unknown members are. Half a character (`"\ud800"`) is refused:
 * stored as UTF-8 it would become U+FFFD, and different texts one (D-17).
 */
function safe(key: string, value: unknown): unknown {
  if (typeof value === 'string' && !value.isWellFormed()) throw new SyntaxError('half of a surrogate pair');
  return key === '__proto__' ? undefined : value;
}
