import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions, type PeerCertificate } from 'node:tls';
import type { TlsOptions } from '@nats-io/transport-node';

/**
 * TLS to servers of which each is named as its certificate names it. The library hands Node no host where a server is named by its address; Node then
 * takes a certificate for `localhost`, whoever shows it, and refuses one for the address.
 */
export function natsTls(servers: readonly string[], ca?: string): TlsOptions {
  const hosts = servers.map((server) => new URL(server.replace(/^\w+:/, 'http:')).hostname.replace(/^\[(.*)\]$/, '$1'));
  const addresses = hosts.filter((host) => isIP(host) !== 0);
  // The library hands on to node:tls what it does not know itself.
  const options: TlsOptions & Pick<ConnectionOptions, 'checkServerIdentity'> = {
    ...(ca !== undefined && { ca }),
    checkServerIdentity: (name: string, certificate: PeerCertificate): Error | undefined => {
      const faults = [...(hosts.includes(name) ? [name] : []), ...addresses].map((host) => checkServerIdentity(host, certificate));
      return faults.some((fault) => fault === undefined) ? undefined : (faults[0] ?? checkServerIdentity(name, certificate));
    },
  };
  return options;
}

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^(UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF|CERT_UNTRUSTED|INVALID_CA)/, ' Its certificate is of a CA that is not trusted here: name the file of that CA in FLEETGATE_SINK_CA_FILE.'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID/, ' Its certificate is for another name: name the server in FLEETGATE_SINK as its certificate does.'],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)/, ' Its certificate is not valid now: renew it, or correct the clock.'],
  [/server does not support 'tls'/, ' It speaks no TLS, and FLEETGATE_SINK asks for it: turn it on there; nats:// is for a server on this machine.'],
];

/** What to do where TLS came to nothing, after a space; otherwise empty. */
export function tlsAdvice(error: unknown): string {
  const { code = '', message = '' } = (error instanceof Error ? error : {}) as { readonly code?: string; readonly message?: string };
  return ADVICE.find(([when]) => when.test(code) || when.test(message))?.[1] ?? '';
}
