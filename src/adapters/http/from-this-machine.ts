import type { FastifyRequest } from 'fastify';
import type { TLSSocket } from 'node:tls';

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
const NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);
/** What proxies add: behind one, everybody comes from this machine. */
const BY_PROXIES = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-uri', 'x-real-ip', 'x-original-uri'] as const;

/**
 * Whether a program on this machine asks for itself, by plain HTTP. The Host must be this machine's own: a browser that was led here by a
 * name of an attacker's (DNS rebinding) says that name, and so does a proxy that passes on the Host and nothing else.
 */
export function isFromThisMachine({ raw, headers, hostname }: Pick<FastifyRequest, 'raw' | 'headers' | 'hostname'>): boolean {
  const { remoteAddress = '', encrypted } = raw.socket as Partial<TLSSocket>;
  return encrypted !== true && LOOPBACK.has(remoteAddress) && NAMES.has(hostname.toLowerCase()) && BY_PROXIES.every((name) => headers[name] === undefined);
}
