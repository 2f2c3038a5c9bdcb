/** The real program as its operators see it: tenants, trust, devices and the command line of a gate from `running-gate.ts`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { api, aRunningGate, ROOT, type GateWish, type RunningGate } from './running-gate.ts';

/** A gate, and the administrator of its first tenant. */
export interface OperatedGate extends RunningGate {
  readonly main: Operator;
  /** Makes a tenant with an administrator of its own. */
  tenant(id: string): Promise<Operator>;
  /** As the management tenant. */
  suspend(id: string): Promise<void>;
  /** `fleetgate …` as its administrators type it, in a process of its own. */
  cli(...args: readonly string[]): Promise<Ran>;
  /** The same, with `input` piped in. */
  cliFed(input: string, ...args: readonly string[]): Promise<Ran>;
}

/** What an administrator of one tenant does by the HTTP API. Everything but `call` fails when the answer is not the good one. */
export interface Operator {
  readonly tenant: string;
  call(path: string, init?: RequestInit): Promise<Response>;
  trusts(ca: Ca, wish?: { readonly autoRegistration?: boolean }): Promise<void>;
  changes(ca: Ca, wish: { readonly status?: 'ENABLED' | 'DISABLED'; readonly autoRegistrationEnabled?: boolean }): Promise<void>;
  stopsTrusting(ca: Ca): Promise<void>;
  devices(): Promise<readonly string[]>;
  forgets(device: string): Promise<void>;
}

export interface Ca {
  readonly pem: string;
  readonly fingerprint: string;
}

export interface Ran {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

export async function anOperatedGate(wish: GateWish = {}): Promise<OperatedGate> {
  const gate = await aRunningGate(wish);
  const management = operator(gate, 'management', gate.password);
  return {
    ...gate,
    main: operator(gate, 'main', gate.password),
    tenant: async (id) => {
      const password = `password of ${id}`;
      await expectStatus(201, management.call('/tenant/tenants', json('POST', { id, adminName: 'admin', adminPass: password })));
      return operator(gate, id, password);
    },
    suspend: (id) => expectStatus(200, management.call(`/tenant/tenants/${id}`, json('PUT', { status: 'SUSPENDED' }))),
    cli: (...args) => runCommand(gate, args),
    cliFed: (input, ...args) => runCommand(gate, args, input),
  };
}

function operator(gate: RunningGate, tenant: string, password: string): Operator {
  const call = (path: string, init?: RequestInit): Promise<Response> => api(gate, path, init, `${tenant}/admin:${password}`);
  const anchors = `/tenant/tenants/${tenant}/trusted-certificates`;
  return {
    tenant,
    call,
    trusts: ({ pem }, { autoRegistration = true } = {}) =>
      expectStatus(201, call(anchors, json('POST', { certInPemFormat: pem, status: 'ENABLED', autoRegistrationEnabled: autoRegistration }))),
    changes: ({ fingerprint }, wish) => expectStatus(200, call(`${anchors}/${fingerprint}`, json('PUT', wish))),
    stopsTrusting: ({ fingerprint }) => expectStatus(204, call(`${anchors}/${fingerprint}`, { method: 'DELETE' })),
    forgets: (device) => expectStatus(204, call(`/fleetgate/devices/${encodeURIComponent(device)}`, { method: 'DELETE' })),
    devices: async () => {
      const ids: string[] = [];
      for (let next: string | undefined = '/fleetgate/devices?limit=1000'; next !== undefined; ) {
        const page = (await (await call(next)).json()) as { devices: { id: string }[]; next?: string };
        ids.push(...page.devices.map(({ id }) => id));
        next = page.next && new URL(page.next).pathname + new URL(page.next).search;
      }
      return ids;
    },
  };
}

const json = (method: string, body: object): RequestInit => ({ method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

async function expectStatus(status: number, answer: Promise<Response>): Promise<void> {
  const response = await answer;
  const body = await response.text();
  if (response.status !== status) throw new Error(`${response.status} instead of ${status} from ${response.url}: ${body}`);
}

async function runCommand(gate: RunningGate, args: readonly string[], input = ''): Promise<Ran> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FLEETGATE_') && name !== 'NODE_OPTIONS'));
  const env = { ...inherited, FLEETGATE_URL: `http://127.0.0.1:${gate.http}`, FLEETGATE_PASSWORD: gate.password, FLEETGATE_PROFILE: join(gate.dataDir, 'no-profile.json') };
  const child = spawn(process.execPath, [join(ROOT, 'src/launch.mjs'), ...args], { cwd: gate.dataDir, env, stdio: 'pipe' });
  child.stdin.on('error', () => undefined).end(input); // one that reads nothing may be gone already
  const [out, err, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number | null]>]);
  return { exit, out, err };
}
