import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { Container } from 'inversify';
import { CertificateMint } from '../../ports/driven/certificate-mint.ts';
import { UploadDecoder } from '../../ports/driven/upload-decoder.ts';
import { ExplainDesk } from '../../ports/driving/explain-desk.ts';
import { EXIT } from '../cli/cli-failure.ts';
import { askHidden } from '../cli/ask-hidden.ts';
import type { CliNeeds } from '../cli/cli-needs.ts';
import { explainCommand } from '../cli/explain-command.ts';
import { pkiCommand } from '../cli/pki-command.ts';
import { program, runProgram } from '../cli/program.ts';
import { readEnvironment } from '../config/read-environment.ts';
import { pkiMintModule } from '../pki/pki-mint.module.ts';
import { pkiReadingModule } from '../pki/pki-reading.module.ts';
import { systemModule } from '../system/system.module.ts';
import { careCommands } from './care/care-commands.ts';
import { resealKeys } from './care/reseal-keys.ts';
import { demoCommand } from './demo/demo-command.ts';
import { devCommand } from './demo/dev-command.ts';
import { verifyOffline } from './offline-audit.ts';
import { usecasesModule } from './usecases.module.ts';

/** `fleetgate …`: every command but a plain `serve`, which `main.ts` runs without loading this. Resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  process.stdout.on('error', endOfOutput);
  const needs = needsOfThisProcess();
  const exitCode = await runProgram(commandLine(needs), args, needs);
  await Promise.all([process.stdout, process.stderr].map(written));
  return exitCode;
}

/** The program with all its commands. */
export const commandLine = (needs: CliNeeds): Command =>
  program({ resealKeys: () => resealKeys(needs), ...needs, version: versionOf(), commands: [serveCommand(), ...offlineCommands(needs), ...careCommands(needs)] });

const needsOfThisProcess = (): CliNeeds => ({
  env: readEnvironment(process.cwd(), process.env),
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  isTerminal: process.stderr.isTTY === true,
  input: process.stdin,
  ...(process.stdin.isTTY && { askHidden: (question: string) => askHidden(question, process.stdin, (text) => void process.stderr.write(text)) }),
  now: () => new Date(),
  verifyAudit: verifyOffline,
});

/** What needs no running server: the gate's own rules, certificates to try them on, and gates that are thrown away. */
function offlineCommands(needs: CliNeeds): readonly Command[] {
  const { env, write } = needs;
  const container = new Container();
  container.load(usecasesModule, pkiReadingModule, pkiMintModule, systemModule);
  const explain = container.get<ExplainDesk>(ExplainDesk);
  const decoder = container.get<UploadDecoder>(UploadDecoder);
  const mint = container.get<CertificateMint>(CertificateMint);
  const dev = devCommand({ mint, env, write, isTerminal: process.stdout.isTTY === true });
  return [dev, demoCommand({ mint, write }), pkiCommand({ mint, write }), explainCommand({ explain, decoder, write, cli: needs })];
}

/** Whoever reads our output may have had enough: `fleetgate devices list | head`. A disk that is full is another matter. */
function endOfOutput({ code, message }: NodeJS.ErrnoException): never {
  if (code !== 'EPIPE') process.stderr.write(`error: the output could not be written: ${message}\n`);
  process.exit(code === 'EPIPE' ? EXIT.done : EXIT.failed);
}

/** A pipe takes 64 KiB and the rest when its reader comes to it; whoever exits before that cuts the output, and says that all went well. */
const written = (stream: NodeJS.WriteStream): Promise<void> => new Promise((resolve) => stream.write('', () => resolve()));

function serveCommand(): Command {
  const command = new Command('serve')
    .description('open the gate: MQTT for devices, HTTP for tools; ends by SIGTERM or Ctrl-C')
    .option('--new-signing-key', 'put the signing keys aside and make a new one; every token in use becomes invalid')
    .addHelpText('after', '\nEverything else is set by environment variables, or in a file .env: see README.md.\n');
  return command.action(async ({ newSigningKey }: { readonly newSigningKey?: true }) => {
    const { main: serve } = await import('../../main.ts');
    const exitCode = await serve(newSigningKey ? ['--new-signing-key'] : []);
    if (exitCode !== 0) command.error('', { exitCode }); // it has said why
  });
}

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string };
  return version;
}
