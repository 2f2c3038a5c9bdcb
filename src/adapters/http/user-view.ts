import type { User } from '../../ports/driving/user-desk.ts';

/** Makes the absolute URL of a path. */
export type Link = (path: string) => string;

/** The path of a user below the tenant; every part as it stands in a URL. */
export const userPath = (tenant: string, name: string): string => `/user/${encodeURIComponent(tenant)}/users/${encodeURIComponent(name)}`;

/** A user in the fields of the compatible API. */
export function userView(user: User, link: Link): object {
  const self = userPath(user.tenant, user.name);
  return {
    self: link(self),
    id: user.name,
    userName: user.name,
    displayName: user.displayName,
    firstName: user.firstName,
    lastName: user.lastName,
    email: user.email,
    enabled: user.enabled,
    shouldResetPassword: false,
    ...(user.passwordChangedAt && { lastPasswordChange: user.passwordChangedAt.toISOString() }),
    roles: { self: link(`${self}/roles`), references: user.roles.map((role) => roleReference(user, role, link)) },
    groups: { self: link(`${self}/groups`), references: [] },
    customProperties: {},
    devicePermissions: {},
  };
}

export const roleReference = (user: User, role: string, link: Link): object => ({
  self: link(`${userPath(user.tenant, user.name)}/roles/${role}`),
  role: roleView(role, link),
});

export const roleView = (role: string, link: Link): object => ({ self: link(`/user/roles/${role}`), id: role, name: role });

/** What of a user can change, for its ETag. The password shows by the time of its change. */
export const userState = ({ roles, enabled, displayName, firstName, lastName, email, passwordChangedAt }: User): unknown =>
  [roles, enabled, displayName, firstName, lastName, email, passwordChangedAt?.toISOString()];
