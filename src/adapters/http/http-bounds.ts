/** Ten RSA certificates in a header exceed Node's usual 16 KiB (wire-contract §3.4). */
const LARGEST_HEADERS = 64 * 1024;

/** What one connection may cost. R04: slow headers and slow bodies end with 408. A bulk file of 512 MB must fit into the time for a whole request. */
export const HTTP_BOUNDS = {
  maxHeaderSize: LARGEST_HEADERS,
  headersTimeout: 20_000,
  requestTimeout: 600_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
} as const;
