import type { ValueForm } from './value-forms.ts';

/** Where messages of devices go. */
export type SinkAddress =
  | { readonly kind: 'off' }
  | { readonly kind: 'log'; readonly withPayload: boolean }
  | { readonly kind: 'webhook'; readonly url: string }
  | { readonly kind: 'nats'; readonly servers: readonly string[] };

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

export const aSinkAddress: ValueForm<SinkAddress> = {
  form:
    'log, log:payload, off, a webhook such as https://example.com/in (http:// on this machine only), or NATS servers such as ' +
    'tls://nats.example.com:4222 with commas between them; without user and password, which belong into FLEETGATE_SINK_SECRET_FILE',
  parse: (text) => {
    const address = wordOf(text) ?? webhookOf(text) ?? natsOf(text);
    return address && { value: address };
  },
};

export const aStreamName: ValueForm<string | undefined> = {
  form: '1–64 characters of A–Z, a–z, 0–9, - and _',
  parse: (text) => (/^[\w-]{1,64}$/.test(text) ? { value: text } : undefined),
};

function wordOf(text: string): SinkAddress | undefined {
  if (text === 'off') return { kind: 'off' };
  return text === 'log' || text === 'log:payload' ? { kind: 'log', withPayload: text !== 'log' } : undefined;
}

/** What is in a URL lands in logs and in lists of processes: nothing secret may stand there. */
const hasSecrets = ({ username, password, hash }: URL): boolean => username !== '' || password !== '' || hash !== '';

function webhookOf(text: string): SinkAddress | undefined {
  const url = URL.parse(text);
  if (!url || hasSecrets(url)) return undefined;
  const isAllowed = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
  return isAllowed ? { kind: 'webhook', url: url.href } : undefined;
}

function natsOf(text: string): SinkAddress | undefined {
  const urls = text.split(',').map((one) => URL.parse(one.trim()));
  const isServer = (url: URL | null): url is URL => url !== null && /^(nats|tls):$/.test(url.protocol) && url.hostname !== '' && !hasSecrets(url) && /^\/?$/.test(url.pathname) && url.search === '';
  if (!urls.every(isServer) || new Set(urls.map(({ protocol }) => protocol)).size > 1) return undefined;
  return { kind: 'nats', servers: urls.map(({ protocol, host }) => `${protocol}//${host}`) };
}

/** Some receivers know their callers by the query of the URL. */
export const withoutQuery = (text: string): string => text.replaceAll(/[?#]\S*/g, '?…');
