import { constants } from 'node:crypto';
import type { TlsOptions } from 'node:tls';
import type { ServerCredential } from '../../ports/driven/server-credentials.ts';

/** Authenticated encryption only, with fresh keys for every connection; the last two for small devices (RFC 7925 §4.2 names CCM). */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-CCM',
  'ECDHE-ECDSA-AES256-CCM',
].join(':');

/**
 * TLS that asks for a certificate and judges nothing (D-2); the domain does, and each door answers in its own protocol.
 *
 * - `ca: []` names no issuer in the CertificateRequest. Otherwise Java clients whose issuer is missing send nothing, and a long list breaks every handshake.
 * - No tickets and no session store: a resumed connection shows no chain, and keeps a verdict from before the trust was withdrawn (S02).
 * - No renegotiation (S03). 0-RTT data (S05) Node cannot accept: it never sets a maximum of early data.
 * - ALPN is left alone: whatever a client offers is ignored, and none is chosen (S12).
 */
export function tlsOptions({ cert, key }: Pick<ServerCredential, 'cert' | 'key'>): TlsOptions {
  return {
    cert,
    key,
    ca: [],
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
  };
}
