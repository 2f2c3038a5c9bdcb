import { Agent } from 'node:http';
import { HttpListeners } from '../../src/adapters/http/http-listeners.ts';
import type { Minted } from '../../src/ports/driven/certificate-mint.ts';
import { anApi, basic, PASSWORD } from '../adapters/http/an-api.ts';
import { aDevice, anIntermediate, aRoot } from '../support/pki.ts';
import { send, type Sent } from './send.ts';
import { isKnown, type Known, type Question } from './questions.ts';

/** Values by the name of a parameter or member. Those of a route that is new belong here where no schema can tell them. */
export type Values = Readonly<Record<string, readonly unknown[]>>;

export interface World {
  /** Values that are there at the start. */
  readonly values: Values;
  /** Undefined: the body was so large that it was cut off before its answer. */
  ask(question: Question): Promise<Asked | undefined>;
  close(): Promise<void>;
}

export interface Asked extends Sent {
  readonly log: string;
  readonly curl: string;
}

interface Pki {
  readonly trusted: Minted;
  readonly ofOther: Minted;
  readonly uploads: readonly string[];
}

let made: Promise<Pki> | undefined;
const pki = (): Promise<Pki> => (made ??= makePki());

async function makePki(): Promise<Pki> {
  const [trusted, ofOther, fresh, device, intermediate] = await Promise.all([
    aRoot(), aRoot({ commonName: 'Other Root' }), aRoot({ commonName: 'Fresh Root' }), aDevice(), anIntermediate(await aRoot({ commonName: 'Far Root' })),
  ]);
  const bare = Buffer.from(fresh.der).toString('base64');
  return { trusted, ofOther, uploads: [fresh.certificatePem, bare, intermediate.certificatePem, trusted.certificatePem, device.certificatePem, fresh.certificatePem + intermediate.certificatePem] };
}

const CSV = ['ID,AUTH_TYPE\nnew-1,CERTIFICATES\n', 'AUTH_TYPE\tID\tNAME\nCERTIFICATES\tnew-2\tx\nBASIC\tnew-3\ty\n', 'ID;AUTH_TYPE\n"a\nb";CERTIFICATES\n', 'ID\n', '\ufeffID,AUTH_TYPE,CREDENTIALS\nx,CERTIFICATES,canary-4f1c9a\n'];

/** A gate of its own with three tenants, a trusted certificate in two of them, and a device with a token. */
export async function aWorld(): Promise<World> {
  const [api, { trusted, ofOther, uploads }] = await Promise.all([anApi(), pki()]);
  const trust = async (tenant: 'main' | 'other', { certificatePem }: Minted): Promise<{ fingerprint: string }> =>
    (await api.ask(`POST /tenant/tenants/${tenant}/trusted-certificates`, { as: `${tenant}/admin`, payload: { certInPemFormat: certificatePem, status: 'ENABLED' } })).json();
  const [anchor, foreign] = [await trust('main', trusted), await trust('other', ofOther)];
  const token = await api.tokenBy(anchor);
  await api.ask('PUT /tenant/options/configuration/known', { as: 'main/admin', payload: { value: 'x' } });
  const listeners = new HttpListeners({ app: api.app, credentials: undefined as never, log: api.log, bind: '127.0.0.1', httpPort: 0 });
  const [origin = ''] = await listeners.start();
  const agent = new Agent({ keepAlive: true });
  const values: Values = {
    tenant: ['main', 'main', 'other', 'management', 'nowhere'],
    fingerprint: [anchor.fingerprint, anchor.fingerprint.toUpperCase(), foreign.fingerprint, 'f'.repeat(40)],
    id: ['press-7', 'press-8'],
    after: ['press-7', ''],
    category: ['configuration', 'device'],
    key: ['known', 'known', 'never.set'],
    certInPemFormat: uploads,
    domain: ['new.example.com', 'main.example.com'],
    adminName: ['somebody'],
    adminPass: ['canary-4f1c9a long enough'],
    'form:file': CSV,
    ...Object.fromEntries(['text/csv', 'text/tab-separated-values', 'text/plain', 'application/csv', 'application/octet-stream', 'application/vnd.ms-excel'].map((type) => [type, CSV])),
  };
  const learnt = new Map(Object.entries(values).map(([name, known]) => [name, [...known]]));
  const fill = ({ $known, index }: Known): unknown => learnt.get($known)![index % learnt.get($known)!.length];
  const credentialOf = ({ caller, credential }: Question): string | undefined =>
    caller === 'nobody' ? undefined : caller === 'device' ? `Bearer ${token}` : caller === 'odd' ? credential : basic(`${caller}:${PASSWORD}`);
  return {
    values,
    async close() {
      agent.destroy();
      await listeners.stop(0);
    },
    async ask(question) {
      const authorization = credentialOf(question);
      const headers = { host: 'fleet.example.com', ...(authorization !== undefined && { authorization }), ...question.headers };
      const url = urlOf(question, fill);
      const payload = payloadOf(question, fill);
      const before = api.lines.length;
      const answer = await send(agent, { url: `${origin}${url}`, method: question.method, headers, payload });
      if (answer === undefined) return undefined;
      learn(learnt, answer.headers['content-type'], answer.body);
      const log = api.lines.slice(before).map(({ level, facts, sentence }) => JSON.stringify({ level, sentence, ...facts }, readable)).join('\n');
      return { ...answer, log, curl: curlOf(question.method, url, headers, payload) };
    },
  };
}

const readable = (_: string, value: unknown): unknown => (value instanceof Error ? value.stack : value);

const urlOf = ({ target, segments, query }: Question, fill: (known: Known) => unknown): string => {
  const shown = (value: string | Known): string => (isKnown(value) ? encodeURIComponent(String(fill(value))) : value);
  const path = target.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => shown(segments[name] ?? 'x'));
  return query.length === 0 ? path : `${path}?${query.map(([name, value]) => `${name}=${shown(value)}`).join('&')}`;
};

function payloadOf({ body, isRaw }: Question, fill: (known: Known) => unknown): string | Buffer | undefined {
  const filled = (value: unknown): unknown => {
    if (isKnown(value)) return fill(value);
    if (Array.isArray(value)) return value.map(filled);
    return typeof value === 'object' && value !== null && !Buffer.isBuffer(value) ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one)])) : value;
  };
  if (body === undefined) return undefined;
  const whole = filled(body);
  if (!isRaw) return JSON.stringify(whole);
  if (typeof whole === 'string' || Buffer.isBuffer(whole)) return whole;
  const { $form, boundary } = whole as { $form: readonly { name: string; value: unknown }[]; boundary: string };
  const parts = $form.map(({ name, value }) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"; filename="f"\r\ncontent-type: text/csv\r\n\r\n${String(value)}\r\n`);
  return `${parts.join('')}--${boundary}--\r\n`;
}

/** Ids, names and fingerprints of an answer are good for the next question. */
function learn(learnt: Map<string, unknown[]>, type: unknown, body: string): void {
  if (body === '' || !/^application\/json/.test(String(type)) || body.length > 20_000) return;
  JSON.parse(body, (name, value: unknown) => {
    const known = learnt.get(name);
    if (known && typeof value === 'string' && known.length < 20 && !known.includes(value)) known.push(value);
    return value;
  });
}

const LONGEST_SHOWN = 2000;

/** The request as a line for a shell. A secret of the test is no secret. */
function curlOf(method: string, url: string, headers: Readonly<Record<string, string>>, payload: string | Buffer | undefined): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const shown = payload === undefined ? '' : Buffer.isBuffer(payload) ? `base64:${payload.toString('base64')}` : payload;
  const data = shown.length > LONGEST_SHOWN ? `${shown.slice(0, LONGEST_SHOWN)}…(${shown.length} characters)` : shown;
  return [
    `curl -sS --path-as-is ${method === 'HEAD' ? '-I' : `-X ${method}`}`,
    quoted(`http://127.0.0.1:8080${url}`),
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value.slice(0, 300)}`)}`),
    ...(payload === undefined ? [] : [`--data-binary ${quoted(data)}`]),
  ].join(' ');
}
