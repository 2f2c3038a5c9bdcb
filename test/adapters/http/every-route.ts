/** What the tests over every route share: an API with something in it of two tenants, and its operations as the document lists them. */
import { Agent } from 'node:http';
import type { LightMyRequestResponse } from 'fastify';
import { HttpListeners } from '../../../src/adapters/http/http-listeners.ts';
import { aDevice, aDeviceId, aTenantId } from '../../support/certificate-builders.ts';
import { aRoot } from '../../support/pki.ts';
import { resolve, targetsOf, type ApiDocument, type Schema, type Target } from '../../fuzz/api-document.ts';
import { send, type Sent } from '../../fuzz/send.ts';
import { anApi, PASSWORD, type Api } from './an-api.ts';

/** Ids by the name of the parameter of a path, for one tenant. */
export type Ids = Readonly<Record<string, string>>;

export interface Everything extends Api {
  readonly document: ApiDocument;
  readonly targets: readonly Target[];
  /** A token of press-7 of main. */
  readonly token: string;
  /** What is there in the tenant `other` and not in `main`, by the path below which it is looked for. */
  readonly theirs: (path: string) => Ids;
}

export async function everything(): Promise<Everything> {
  const api = await anApi();
  const document = JSON.parse(api.app.openapi()) as ApiDocument;
  const token = await api.tokenBy({ fingerprint: await api.trust(await aRoot({ commonName: 'Works Root' })) });
  const fingerprint = await api.trust(await aRoot({ commonName: 'Other Root' }), { tenant: 'other' });
  await api.devices.register(aDevice({ id: aDeviceId('lathe-1'), tenant: aTenantId('other') }));
  const object = (await api.ask('POST /inventory/managedObjects', { as: 'other/admin', payload: {} })).json().id as string;
  await api.ask(`POST /identity/globalIds/${object}/externalIds`, { as: 'other/admin', payload: { type: 'c8y_Serial', externalId: 'lathe-1' } });
  await api.ask('POST /user/other/users', { as: 'other/admin', payload: { userName: 'zoe', password: PASSWORD, roles: [] } });
  const theirs = (path: string): Ids => ({ fingerprint, id: path.startsWith('/fleetgate/') ? 'lathe-1' : object, type: 'c8y_Serial', externalId: 'lathe-1', name: 'zoe' });
  return { ...api, document, targets: targetsOf(document), token, theirs };
}

/** The path with these in the places of its parameters, and `x` where there is none. */
export const pathOf = ({ path }: Pick<Target, 'path'>, ids: Ids = {}): string => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids[name] ?? 'x'));

/** Administrators need a role for it, or devices are let in by the route. */
export const isGuarded = ({ operation }: Target): boolean => /\*\*Who\*\*: (devices, and )?administrators/.test((operation as { description?: string }).description ?? '');

/** Nobody gets in without credentials. */
export const isClosed = ({ operation: { security } }: Target): boolean => security.length > 0;

/** The schema of a JSON body. */
export const jsonBodyOf = (document: ApiDocument, { operation: { requestBody } }: Target): Schema | undefined => {
  const schema = requestBody?.content['application/json']?.schema;
  return schema && resolve(document, schema as { $ref: string });
};

/** Names of the members that a schema knows, of each of its forms. */
export function membersOf(document: ApiDocument, schema: Schema): readonly string[] {
  const whole = resolve(document, schema as { $ref: string }) as Schema;
  const forms = ((whole['anyOf'] ?? []) as readonly Schema[]).flatMap((form) => membersOf(document, form));
  return [...new Set([...Object.keys((whole['properties'] ?? {}) as object), ...forms])];
}

/** Status and body, for comparing. */
export const told = ({ statusCode, body }: LightMyRequestResponse): readonly unknown[] => [statusCode, body];

export interface Listening {
  /** The request goes out as it stands here: nothing tidies the path. */
  send(method: string, path: string, headers?: Readonly<Record<string, string>>, payload?: string): Promise<Sent>;
  close(): Promise<void>;
}

/** The same API behind a socket. Closing it closes the API. */
export async function listening(api: Api): Promise<Listening> {
  const listeners = new HttpListeners({ app: api.app, credentials: undefined as never, log: api.log, bind: '127.0.0.1', httpPort: 0 });
  const [origin = ''] = await listeners.start();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    send: async (method, path, headers = {}, payload = undefined) => (await send(agent, { url: origin, target: path, method, headers: { host: 'main.example.com', accept: 'application/json', ...headers }, payload }))!,
    close: async () => {
      agent.destroy();
      await listeners.stop(0);
    },
  };
}
