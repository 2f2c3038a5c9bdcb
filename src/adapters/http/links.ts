import type { FastifyRequest } from 'fastify';

/** Makes the absolute URL of a path of this API, as the sender of `request` can reach it. */
export type Links = (request: FastifyRequest, path: string) => string;

/** A host name, an IPv4 address or an IPv6 address in brackets, and a port or none (RFC 9110 §7.2). */
const HOST = /^(?:[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/** `publicUrl` wins; without it scheme and Host of the request, where the Host is one. */
export function linksFrom(publicUrl: string | undefined): Links {
  return (request, path) => {
    if (publicUrl !== undefined) return `${publicUrl}${path}`;
    const host = HOST.test(request.host) ? request.host : 'localhost';
    return `${request.protocol}://${host}${path}`;
  };
}
