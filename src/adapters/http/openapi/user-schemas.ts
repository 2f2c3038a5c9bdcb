import { ROLES } from '../../../domain/access/administrator.ts';
import { SEEN_CERTIFICATE } from '../device-user-view.ts';
import type { Answer, JsonSchema } from './operation.ts';
import { LINK, list, pageOf, PAGING, record, TEXT, TIME, WHETHER } from './schemas.ts';

const shortText = { type: 'string', maxLength: 254 } as const;
const yesOrNo = { type: 'boolean' } as const;
const nothing = { type: 'object', properties: {} } as const;

const role = { title: 'Role', ...record({ self: LINK, id: { type: 'string', enum: [...ROLES, 'ROLE_DEVICE'] }, name: TEXT }) };
const reference = { title: 'RoleReference', ...record({ self: LINK, role }) };

const user = {
  title: 'User',
  ...record(
    {
      ...{ self: LINK, id: TEXT, userName: TEXT, displayName: TEXT, firstName: TEXT, lastName: TEXT, email: TEXT, enabled: WHETHER },
      ...{ shouldResetPassword: WHETHER, lastPasswordChange: TIME, customProperties: nothing, devicePermissions: nothing },
      roles: record({ self: LINK, references: list(reference) }),
      groups: record({ self: LINK, references: list(nothing) }),
      provisionedCertificates: { ...list(SEEN_CERTIFICATE), maxItems: 5, description: 'Of the user of a device, where they are asked for.' },
    },
    { optional: ['displayName', 'firstName', 'lastName', 'email', 'lastPasswordChange', 'provisionedCertificates'] },
  ),
};

export const USER: Answer = { is: 'The user.', body: user };
export const ROLE: Answer = { is: 'The role.', body: role };
export const REFERENCE: Answer = { is: 'The role that was given.', body: reference };
export const COLLECTION_OF_USERS: Answer = { is: 'One page of users, by name.', body: pageOf('Users', 'users', user) };
export const COLLECTION_OF_REFERENCES: Answer = { is: 'The roles of the user.', body: { title: 'RoleReferences', ...record({ self: LINK, references: list(reference) }) } };
export const COLLECTION_OF_ROLES: Answer = { is: 'Every role there is.', body: pageOf('Roles', 'roles', role) };

const profile = { displayName: shortText, firstName: shortText, lastName: shortText, email: shortText } as const;
const password = { type: 'string', minLength: 8, maxLength: 1024, writeOnly: true } as const;
const roles = { type: 'array', items: { type: 'string', enum: ROLES }, description: 'Names, or references as a user shows them.' } as const;

export const PROFILE: JsonSchema = { type: 'object', properties: profile };
export const USER_WISH: JsonSchema = { type: 'object', properties: { ...profile, enabled: yesOrNo, password, roles } };
export const NEW_USER: JsonSchema = {
  type: 'object',
  required: ['userName', 'password'],
  properties: { userName: { type: 'string', minLength: 1, maxLength: 128 }, ...profile, enabled: yesOrNo, password, roles },
};
export const PASSWORDS: JsonSchema = {
  type: 'object',
  required: ['currentUserPassword', 'newPassword'],
  properties: { currentUserPassword: { ...password, minLength: 0 }, newPassword: password },
};

export const YES_OR_NO = { type: 'string', enum: ['true', 'false'] } as const;
export const USER_FILTERS: Readonly<Record<string, JsonSchema>> = {
  username: { type: 'string', description: 'The beginning of the names to list.' },
  onlyDevices: { ...YES_OR_NO, description: 'true lists nobody: users of devices are listed as devices.' },
  ...PAGING,
};
