import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import type { CertificateMint } from '../../../ports/driven/certificate-mint.ts';
import { endingSignal } from '../signals.ts';
import { apiOn, basic } from './demo-api.ts';
import { walkJourney } from './demo-journey.ts';
import { bareEnvironment, portOf, startGate, type GateProcess } from './gate-process.ts';
import { openStory, type Story } from './story.ts';
import { throwAwayFolder } from './throw-away-folder.ts';

export interface DemoNeeds {
  readonly mint: CertificateMint;
  /** Takes whole lines, line ends included. */
  readonly write: (text: string) => void;
}

/** It takes some four seconds, and less than fifteen where the machine is busy. Whatever lasts longer hangs. */
const LONGEST_MS = 30_000;

/** `fleetgate demo`: a simulated device walks the journey through a Fleetgate that is thrown away afterwards. */
export function demoCommand({ mint, write }: DemoNeeds): Command {
  const command = new Command('demo')
    .description('watch one device come in, get its token, use it, and lose its trust; nothing stays behind')
    .addHelpText('after', '\nExamples:\n  $ fleetgate demo\n');
  return command.action(async () => {
    try {
      await performDemo({ mint, write });
    } catch (error) {
      command.error(`error: the demonstration failed. ${(error as Error).message}`, { exitCode: 1 });
    }
  });
}

async function performDemo({ mint, write }: DemoNeeds): Promise<void> {
  const began = performance.now();
  const signal = endingSignal(); // before there is anything that a signal could leave behind
  const folder = throwAwayFolder('demo');
  write('A device meets Fleetgate. This is the real program, on free ports, in a folder that is thrown away at the end.\n');
  const lines: string[] = [];
  const gate = startGate({ env: settingsFor(folder.path), folder: folder.path, onLine: (line) => lines.push(line) });
  try {
    await unlessCutOff(signal, walk(openStory(write), { gate, folder: folder.path, mint }));
  } catch (error) {
    throw new Error([(error as Error).message, ...lines.slice(-5).map((line) => `  the log said: ${line}`)].join('\n'), { cause: error });
  } finally {
    await gate.end();
    folder.remove();
  }
  write(`\nDone in ${((performance.now() - began) / 1000).toFixed(1)} s; the folder is gone. To keep one running: npm start, or npm run dev.\n`);
}

const settingsFor = (folder: string): NodeJS.ProcessEnv => ({
  ...bareEnvironment(process.env),
  FLEETGATE_DATA_DIR: join(folder, 'data'),
  FLEETGATE_BIND: '127.0.0.1',
  FLEETGATE_MQTT_TLS_PORTS: '0',
  FLEETGATE_HTTPS_PORT: 'off',
  FLEETGATE_MTLS_PORT: 'off',
  FLEETGATE_HTTP_PORT: '0',
  FLEETGATE_SHUTDOWN_GRACE_MS: '1000',
});

interface Stage {
  readonly gate: GateProcess;
  readonly folder: string;
  readonly mint: CertificateMint;
}

async function walk(story: Story, { gate, folder, mint }: Stage): Promise<void> {
  const listening = await story.step('Fleetgate starts.', ['src/main.ts', 'src/adapters/composition/open-gate.ts'], async (tell) => {
    const serving = await gate.ready;
    tell(`Devices come in at mqtts://localhost:${portOf(serving, 'mqtts')}, people and tools at http://localhost:${portOf(serving, 'http')}.`);
    tell('It made a tenant called main, an administrator, a signing key and a server certificate.');
    return serving;
  });
  const password = (await readFile(join(folder, 'data/initial-admin-password'), 'utf8')).trim();
  await walkJourney({
    ...{ story, mint },
    api: apiOn(portOf(listening, 'http')),
    administrator: basic('main/admin', password),
    mqttPort: portOf(listening, 'mqtts'),
    serverCaFile: listening.caFile ?? join(folder, 'data'),
  });
}

/** The clock and a signal end the demonstration as a failure does, so that nothing stays behind. */
async function unlessCutOff(signal: Promise<string>, work: Promise<void>): Promise<void> {
  const cut = Promise.withResolvers<never>();
  const timer = setTimeout(() => cut.reject(new Error(`It did not end within ${LONGEST_MS / 1000} s.`)), LONGEST_MS);
  void signal.then((name) => cut.reject(new Error(`It was ended by ${name}.`)));
  await Promise.race([work, cut.promise]).finally(() => clearTimeout(timer));
}
