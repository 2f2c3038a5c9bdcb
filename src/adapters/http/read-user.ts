import { grant, refuse, type Decision } from '../../domain/shared/decision.ts';
import type { UserWish } from '../../ports/driving/user-desk.ts';
import { badRequest, type Problem } from './problem.ts';

const TEXTS = ['displayName', 'firstName', 'lastName', 'email', 'password'] as const;
/** Of a text in a body, in characters; what is legal the desk knows, within it. */
const LONGEST = 2048;
/** More than there are roles by far. */
const MOST_ROLES = 100;

type Body = Readonly<Record<string, unknown>>;

/** What a body wants of a user. A member that is absent or null is not wished for. */
export function readUserWish(body: unknown): Decision<UserWish, Problem> {
  if (!isObject(body)) return refuse(badRequest('The body must be a JSON object, such as {"email":"ada@example.com"}.'));
  const wrong = TEXTS.find((name) => given(body, name) && !isText(body[name]));
  if (wrong) return refuse(badRequest(`The member ${wrong} must be a text of at most ${LONGEST} characters.`));
  const { enabled } = body;
  if (given(body, 'enabled') && typeof enabled !== 'boolean') return refuse(badRequest('The member enabled must be true or false.'));
  const roles = readRoles(body);
  if (!roles.granted) return roles;
  return grant({
    ...Object.fromEntries(TEXTS.filter((name) => given(body, name)).map((name) => [name, body[name]])),
    ...(typeof enabled === 'boolean' && { enabled }),
    ...(roles.value && { roles: roles.value }),
  });
}

/** `userName` and `password` of a user to be made. */
export function readNewUser(body: unknown): Decision<{ readonly name: string; readonly password: string }, Problem> {
  const { userName, password } = isObject(body) ? body : {};
  if (isText(userName) && isText(password)) return grant({ name: userName, password });
  return refuse(badRequest('The body needs userName and password, both texts. Fleetgate sends no mail by which a user could choose one.'));
}

/** As texts, or in the form in which users are shown: `{"references":[{"role":{"id":"ROLE_…"}}]}`. */
function readRoles(body: Body): Decision<readonly string[] | undefined, Problem> {
  if (!given(body, 'roles')) return grant(undefined);
  const { roles } = body;
  const list = Array.isArray(roles) ? roles : isObject(roles) ? roles['references'] : undefined;
  const names = Array.isArray(list) && list.length <= MOST_ROLES ? list.map(readRole) : [undefined];
  return names.every((name) => name !== undefined)
    ? grant(names)
    : refuse(badRequest('The member roles must be a list of role names, such as ["ROLE_TENANT_ADMIN"], or {"references":[{"role":{"id":"ROLE_TENANT_ADMIN"}}]}.'));
}

/** A role by its name, its id, or the link to it; alone or as `{"role":…}`. */
export function readRole(given: unknown): string | undefined {
  if (isText(given)) return given;
  if (!isObject(given)) return undefined;
  const role = isObject(given['role']) ? given['role'] : given;
  const { id, name, self } = role;
  if (isText(id)) return id;
  if (isText(name)) return name;
  return isText(self) ? self.replace(/^.*\//, '') : undefined;
}

/** `currentUserPassword` and `newPassword`. */
export function readPasswords(body: unknown): Decision<{ readonly present: string; readonly next: string }, Problem> {
  const { currentUserPassword: present, newPassword: next } = isObject(body) ? body : {};
  if (isText(present) && isText(next)) return grant({ present, next });
  return refuse(badRequest('The body needs currentUserPassword and newPassword, both texts.'));
}

const isObject = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= LONGEST;
const given = (body: Body, name: string): boolean => body[name] !== undefined && body[name] !== null;
