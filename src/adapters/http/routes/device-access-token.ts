import type { FastifyRequest } from 'fastify';
import type { Decision } from '../../../domain/shared/decision.ts';
import type { Refusal } from '../../../domain/refusal.ts';
import type { AdmitQuestion } from '../../../ports/driving/device-gate.ts';
import { AddressAllowance } from '../../tls/address-allowance.ts';
import { addressGroup } from '../../../domain/access/address-group.ts';
import type { Peer } from '../../tls/peer.ts';
import { sendChainRefusal } from '../chain-problems.ts';
import { headerCertificates } from '../header-certificates.ts';
import { operation } from '../openapi/operation.ts';
import { fullAuthentication, sendProblem, type Problem } from '../problem.ts';
import type { RouteNeeds, Routes } from '../route-needs.ts';

const PATH = '/devicecontrol/deviceAccessToken';
const text = { type: 'string' } as const;

/** A connection is paid for by its handshake; what is asked on it, again and again, is paid for here. */
const ALLOWANCE = { perSecond: 100, burst: 1_000, addresses: 10_000 } as const;

const description =
  'On the port for mutual TLS only, without Authorization: the client certificate is the login. A device that its CA registers is registered. ' +
  'X-Ssl-Cert-Chain brings intermediates that the TLS handshake did not.';

/** A device's token for the certificate that it shows in TLS (wire-contract §3.4): the gate of MQTT, asked for one request. */
export const deviceAccessTokenRoutes: Routes = async (app, needs) => {
  const allowance = new AddressAllowance({ limits: ALLOWANCE });
  const about = operation({
    tag: 'Tokens',
    summary: 'Get a device token for a client certificate',
    byCertificate: true,
    description,
    headers: { 'x-ssl-cert-chain': text, 'x-cumulocity-tenantid': text },
    answers: {
      200: { is: 'The token', body: TOKEN_BODY },
      401: 'There is no client certificate, or its chain is not good; `details` says which rule it breaks',
      404: 'The tenant has switched tokens off',
      422: 'The device is not registered, or its common name is no device id',
      429: 'This address asks too often',
    },
  });
  app.post(PATH, about, async (request, reply) => {
    const peer = needs.peerOf(request);
    if (!peer) return sendProblem(reply, fullAuthentication(request));
    if (!allowance.take(addressGroup(peer.from))) return sendProblem(reply, TOO_OFTEN);
    const journey = { name: 'token by certificate', facts: { connection: peer.connection }, parent: request.headers['traceparent'] } as const;
    const token = await needs.tracer.journey(journey, () => tokenFor(peer, request, needs));
    if (!token.granted && token.refusal.code === 'chain.absent') return sendProblem(reply, fullAuthentication(request));
    if (!token.granted) return sendChainRefusal(reply, token.refusal);
    reply.header('cache-control', 'no-store'); // RFC 6749 §5.1
    return { accessToken: token.value, idToken: null, expiresIn: null, refreshToken: null, info: null };
  });
};

async function tokenFor(peer: Peer, request: FastifyRequest, { gate, tokens, decoder }: RouteNeeds): Promise<Decision<string, Refusal>> {
  const { headers } = request;
  const added = headerCertificates(headers, 'x-ssl-cert-chain', decoder);
  if (!added.granted) return added;
  const tenant = headers['x-cumulocity-tenantid'];
  const device = await gate.admit({
    ...chainOf(peer, added.value),
    clientId: '',
    acceptsAssignedId: true,
    ...(typeof tenant === 'string' && { userName: tenant }),
    // D-24: a client that connects by an address sends no server name in TLS, but the Host all the same.
    serverName: peer.serverName ?? request.hostname,
    from: peer.from,
    ...(peer.connection !== undefined && { connection: peer.connection }),
  });
  return device.granted ? tokens.issueTo(device.value) : device;
}

/** The leaf is the one of which TLS proved possession. What the header adds stands behind it and can only be intermediates. */
function chainOf({ chain, wholeChain, handshakeBytes }: Peer, header: readonly Uint8Array[]): Pick<AdmitQuestion, 'chain' | 'wholeChain' | 'handshakeBytes'> {
  const added = chain.length === 0 ? [] : beyond(chain, header);
  return {
    chain: [...chain, ...added],
    handshakeBytes: added.reduce((sum, { length }) => sum + length, handshakeBytes),
    ...(wholeChain && {
      wholeChain: () => {
        const whole = wholeChain();
        return whole && [...whole, ...beyond(whole, header)];
      },
    }),
  };
}

/** Those of `more` that are not in `chain`, each once. */
const beyond = (chain: readonly Uint8Array[], more: readonly Uint8Array[]): Uint8Array[] =>
  more.filter((der, i) => [...chain, ...more.slice(0, i)].every((other) => Buffer.compare(other, der) !== 0));

const TOKEN_BODY = {
  type: 'object',
  required: ['accessToken'],
  properties: { accessToken: text, ...Object.fromEntries(['idToken', 'expiresIn', 'refreshToken', 'info'].map((name) => [name, { type: 'null' }])) },
};

const TOO_OFTEN: Problem = {
  status: 429,
  error: 'security/Too Many Requests',
  message: 'Tokens are asked for from this address faster than allowed. A token is good for half of its lifetime and longer: keep it.',
  headers: { 'retry-after': '1' },
};
