import { randomBytes } from 'node:crypto';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { CertificateMint } from '../../../ports/driven/certificate-mint.ts';
import { humanLine } from '../../system/human-line.ts';
import { pkiFilesOf, writePkiFiles } from '../../cli/pki-files.ts';
import { endingSignal } from '../signals.ts';
import { apiOn, basic, type DemoApi } from './demo-api.ts';
import { portOf, startGate, type GateProcess, type Listening } from './gate-process.ts';
import { throwAwayFolder } from './throw-away-folder.ts';

export interface DevNeeds {
  readonly mint: CertificateMint;
  /** Settings as given, those of the file `.env` included. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly write: (text: string) => void;
  /** Whether `write` leads to a terminal, where the log is text for people. */
  readonly isTerminal: boolean;
}

const SOURCES = fileURLToPath(new URL('../../..', import.meta.url));
const DEVICE = 'press-7';
/** Editors write a file in several goes. */
const SETTLED_MS = 100;

/** `fleetgate dev`: a gate in memory that trusts a CA of its own, prints commands to try it with, and starts again when a source changes. */
export function devCommand(needs: DevNeeds): Command {
  const command = new Command('dev')
    .description('open a gate for development: in memory, with a CA and a device to try, started again when a source changes')
    .addHelpText('after', '\nSettings are those of serve, but the data directory and the database are thrown away. Ends by SIGTERM or Ctrl-C.\n\nExamples:\n  $ fleetgate dev\n');
  return command.action(async () => {
    if (!(await keepServing(needs))) command.error('', { exitCode: 1 }); // the gate has said why
  });
}

/** Resolves when a signal came, with true; with false where the gate cannot even start once. */
async function keepServing(needs: DevNeeds): Promise<boolean> {
  const signal = endingSignal();
  const workshop = await openWorkshop(needs);
  try {
    for (let served = false; ; ) {
      const change = nextChange(SOURCES);
      const gate = startGate({ env: workshop.env, folder: process.cwd(), onLine: lineWriter(needs) });
      const up = gate.ready.then((listening) => workshop.invite(listening).then(() => true), () => false);
      if (!served && !(served = await Promise.race([up, signal.then(() => true)]))) return false;
      void reportEnd(gate, needs);
      const why = await Promise.race([signal.then(() => undefined), change.happened]);
      change.stop();
      await gate.end();
      if (why === undefined) return true;
      needs.write(`\n── ${why} changed: starting again ──\n\n`);
    }
  } finally {
    workshop.remove();
  }
}

const lineWriter = ({ write, isTerminal }: DevNeeds) => (line: string): void =>
  write(isTerminal && line.startsWith('{') ? humanLine(line) : `${line}\n`);

async function reportEnd({ ended }: GateProcess, { write }: DevNeeds): Promise<void> {
  const code = await ended;
  if (code !== 0) write('The gate has ended. It starts again when a source changes.\n');
}

/** What stays the same over all starts: the folder, the keys, the CA and the device. */
async function openWorkshop({ mint, env, write }: DevNeeds) {
  const folder = throwAwayFolder('dev');
  const ca = await mint.root({ commonName: 'Development Works CA' });
  const [root, device] = [pkiFilesOf(join(folder.path, 'root'), true), pkiFilesOf(join(folder.path, DEVICE), false)];
  writePkiFiles(folder.path, root, ca, false);
  writePkiFiles(folder.path, device, await mint.device(ca, { commonName: DEVICE }), false);
  const password = env['FLEETGATE_ADMIN_PASSWORD'] || randomBytes(9).toString('base64url');
  const login = { tenant: env['FLEETGATE_TENANT'] || 'main', user: env['FLEETGATE_ADMIN_USER'] || 'admin', password };
  return {
    env: {
      ...process.env,
      FLEETGATE_BIND: env['FLEETGATE_BIND'] || '127.0.0.1', // whoever has the folder gets in: not from other machines
      FLEETGATE_DATA_DIR: join(folder.path, 'data'),
      FLEETGATE_DATABASE_URL: 'memory:',
      FLEETGATE_ADMIN_PASSWORD: password,
      FLEETGATE_LOG_LEVEL: env['FLEETGATE_LOG_LEVEL'] === 'debug' ? 'debug' : 'info',
    },
    remove: folder.remove,
    /** Memory forgets: the CA is trusted anew at every start. */
    invite: async (listening: Listening): Promise<void> => {
      await trust(apiOn(portOf(listening, 'http')), login, ca.certificatePem);
      write(invitation({ listening, login, chain: device.chain!, key: device.key }));
    },
  };
}

interface Login {
  readonly tenant: string;
  readonly user: string;
  readonly password: string;
}

async function trust(api: DemoApi, { tenant, user, password }: Login, certInPemFormat: string): Promise<void> {
  const { status, body } = await api(`POST /tenant/tenants/${tenant}/trusted-certificates`, {
    authorization: basic(`${tenant}/${user}`, password),
    body: { name: 'Development Works CA', status: 'ENABLED', autoRegistrationEnabled: true, certInPemFormat },
  });
  if (status !== 201) throw new Error(`The CA of the workshop was not taken (${status}): ${String(body['message'])}`);
}

interface Invitation {
  readonly listening: Listening;
  readonly login: Login;
  readonly chain: string;
  readonly key: string;
}

function invitation({ listening, login, chain, key }: Invitation): string {
  const http = `http://127.0.0.1:${portOf(listening, 'http')}`;
  const server = listening.caFile === undefined ? '--tls-use-os-certs' : `--cafile ${listening.caFile}`;
  const ask = `mosquitto_rr -h localhost -p ${portOf(listening, 'mqtts')} ${server} --cert ${chain} --key ${key} -i ${DEVICE} -t s/uat -e s/dat -n`;
  return [
    '',
    `The device ${DEVICE} asks for a token:`,
    `  ${ask}`,
    'It asks for one and shows it to the HTTP API:',
    `  curl -H "Authorization: Bearer $(${ask} | cut -c4-)" ${http}/user/currentUser`,
    'Its administrator looks who is there:',
    `  curl -u '${login.tenant}/${login.user}:${login.password}' ${http}/fleetgate/devices`,
    'Sources are watched: change one, and the gate starts again. Ctrl-C ends it.',
    '',
    '',
  ].join('\n');
}

/** The next change of a source below `folder`, told when writing has settled. */
function nextChange(folder: string): { readonly happened: Promise<string>; stop(): void } {
  const { promise: happened, resolve } = Promise.withResolvers<string>();
  let settled: NodeJS.Timeout | undefined;
  const watcher = watch(folder, { recursive: true }, (_event, file) => {
    if (file !== null && /\.(ts|mjs)$/.test(file)) settled ??= setTimeout(() => resolve(`src/${file}`), SETTLED_MS);
  });
  return {
    happened,
    stop: () => {
      watcher.close();
      clearTimeout(settled);
    },
  };
}
