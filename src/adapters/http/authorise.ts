import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal, Role } from '../../domain/access/administrator.ts';
import { MANAGEMENT } from '../../domain/trust/tenant.ts';
import { FORBIDDEN, sendProblem } from './problem.ts';

/** An `onRequest` hook of a route: it runs before any of the body is read, and answers 403 itself. */
export interface Guard {
  (request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
  /** Whom it lets pass, for the OpenAPI document. */
  readonly who: string;
}

/** Roles that may look at trusted certificates, and those that may change them (wire-contract §1.1). */
export const MAY_CHANGE: readonly Role[] = ['ROLE_TENANT_MANAGEMENT_ADMIN', 'ROLE_TENANT_ADMIN'];
export const MAY_READ: readonly Role[] = [...MAY_CHANGE, 'ROLE_TENANT_MANAGEMENT_READ'];

/** Roles that may look at managed objects, and those that may change them. */
export const MAY_CHANGE_OBJECTS: readonly Role[] = ['ROLE_INVENTORY_ADMIN'];
export const MAY_READ_OBJECTS: readonly Role[] = [...MAY_CHANGE_OBJECTS, 'ROLE_INVENTORY_READ'];

/** Where `authenticate` leaves whom it found. */
export const PRINCIPAL = 'principal';

/** Whoever sent the request. Every route behind `authenticate` has one. */
export const principalOf = (request: FastifyRequest): Principal => request.getDecorator<Principal>(PRINCIPAL);

/** Who did it, for the audit: `tenant/user`. */
export const byOf = (request: FastifyRequest): string => {
  const { tenant, name } = principalOf(request);
  return `${tenant}/${name}`;
};

const guard = (who: string, mayPass: (principal: Principal, request: FastifyRequest) => boolean): Guard => {
  const ask = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> =>
    mayPass(principalOf(request), request) ? undefined : sendProblem(reply, FORBIDDEN);
  return Object.assign(ask, { who });
};

const anyOf = (roles: readonly Role[]): string => roles.map((role) => `\`${role}\``).join(' or ');

/** Lets pass administrators with at least one of the roles. Devices have none. */
export const authorise = (...roles: readonly Role[]): Guard =>
  guard(
    `administrators with ${anyOf(roles)}`,
    (principal) => principal.kind === 'administrator' && principal.roles.some((role) => roles.includes(role)),
  );

/** The same, and every device: what it may touch is what its user owns, which the desk knows (D-33). */
export const authoriseDevicesAnd = (...roles: readonly Role[]): Guard =>
  guard(`devices, and administrators with ${anyOf(roles)}`, (principal) => principal.kind === 'device' || principal.roles.some((role) => roles.includes(role)));

/** One guard or the other, by what the path names. */
export const eitherOf = (isFirst: (request: FastifyRequest) => boolean, first: readonly Guard[], second: readonly Guard[]): Guard =>
  Object.assign(
    async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      for (const guard of isFirst(request) ? first : second) {
        const answered = await guard(request, reply);
        if (answered !== undefined) return answered;
      }
      return undefined;
    },
    { who: [first, second].map((guards) => guards.map(({ who }) => who).join(', ')).join('; or ') },
  );

/** Lets pass whoever belongs to the tenant that the path names (T08). It may be a tenant that does not exist: that shows to nobody. */
export const ofTenantInPath: Guard = guard('of the tenant in the path', (principal, request) => principal.tenant === tenantInPath(request));

/** The same, and the management tenant. */
export const ofTenantInPathOrManagement: Guard = guard(
  'of the tenant in the path or of `management`',
  (principal, request) => principal.tenant === MANAGEMENT || principal.tenant === tenantInPath(request),
);

/** Lets pass the tenant that runs the instance. */
export const ofManagement: Guard = guard('of `management`', (principal) => principal.tenant === MANAGEMENT);

const tenantInPath = (request: FastifyRequest): string => (request.params as { readonly tenant: string }).tenant;
