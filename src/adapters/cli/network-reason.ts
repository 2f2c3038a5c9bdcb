import { reasonOf } from './reason-of.ts';

const NOT_TRUSTED = 'its certificate is not signed by a CA that this machine trusts. Name the CA: --ca <file>, or FLEETGATE_CA. A development server keeps its own as ca.pem in its data directory';

/** By `code` of the error: what it means for whoever typed the command. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there. Start the server by `npm start`, or set FLEETGATE_URL',
  ENOTFOUND: 'its host name is unknown. Check FLEETGATE_URL',
  EAI_AGAIN: 'its host name cannot be looked up now. Check FLEETGATE_URL and the network',
  EHOSTUNREACH: 'there is no way to it. Check the network',
  ETIMEDOUT: 'it does not answer. Check the network and FLEETGATE_URL',
  ECONNRESET: 'it closed the connection. Check that FLEETGATE_URL names the HTTP API, and says https where it speaks TLS',
  EPIPE: 'it closed the connection while the body was sent',
  EPROTO: 'it does not speak TLS there. Write http:// in FLEETGATE_URL, or the port of its HTTPS listener',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there. Write http:// in FLEETGATE_URL, or the port of its HTTPS listener',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS there. Write http:// in FLEETGATE_URL, or the port of its HTTPS listener',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name. Use a name that is in it; FLEETGATE_SERVER_NAMES adds names to a development certificate',
  CERT_HAS_EXPIRED: 'its certificate has expired. Renew it on the server',
  DEPTH_ZERO_SELF_SIGNED_CERT: NOT_TRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NOT_TRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NOT_TRUSTED,
};

/** Why a server could not be asked, and what to do. */
export function networkReason(error: unknown, url: string): string {
  const { code = '' } = error as { readonly code?: string };
  return `Cannot ask ${url}: ${REASONS[code] ?? reasonOf(error)}.`;
}
