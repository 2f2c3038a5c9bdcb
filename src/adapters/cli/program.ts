import { Command, CommanderError } from 'commander';
import { auditCommand } from './audit-command.ts';
import { adminCommand } from './admin-command.ts';
import { EXIT } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { crlCommand } from './crl-command.ts';
import { ocspCommand } from './ocsp-command.ts';
import { devicesCommand } from './devices-command.ts';
import { forecastCommand } from './forecast-command.ts';
import { keysCommand } from './keys-command.ts';
import { optionCommand } from './option-command.ts';
import { refusalsCommand } from './refusals-command.ts';
import { hold, RELEASE, revocationsCommand, revoke } from './revocation-commands.ts';
import { sessionCommands } from './session-commands.ts';
import { tenantCommand } from './tenant-command.ts';
import { tokenCommand } from './token-command.ts';
import { trustCommand } from './trust-command.ts';
import { userCommand } from './user-command.ts';

export interface ProgramNeeds extends CliNeeds {
  readonly version: string;
  /** Commands that whoever composes the program brings: serve, dev, demo, pki, explain. They stand first in the help. */
  readonly commands: readonly Command[];
}

const HELP = `
Commands that administer a running server speak to its HTTP API:
  FLEETGATE_URL        where it is (default: http://127.0.0.1 at FLEETGATE_HTTP_PORT, else at 8080)
  FLEETGATE_USER       tenant/user (default: main/admin; management/admin for tenant and keys)
  FLEETGATE_PASSWORD   the password; where it is not set, and the server is on this machine, the file
                       initial-admin-password in FLEETGATE_DATA_DIR (default: ./data) is read
  FLEETGATE_CA         or --ca: PEM file of the CA of an https server that this machine does not trust
  FLEETGATE_PROFILE    file that keeps the last login (default: ~/.config/fleetgate/profile.json): where it is
                       there, what is not set is as it says, and nothing is asked twice

Exit codes:
  0  done          2  the command line or a setting is wrong; nothing was tried
  1  failed        3  refused, with the reason

Examples:
  $ fleetgate serve
  $ fleetgate login https://localhost:4443 --user main/admin --ca data/tls/ca.pem
  $ fleetgate trust add ca.pem --auto-registration
  $ fleetgate devices import fleet.csv
  $ fleetgate token verify < token.txt
`;

/** The program `fleetgate` with all its subcommands. Run it by `runProgram`. */
export function program(needs: ProgramNeeds): Command {
  const command = new Command('fleetgate')
    .description('The front door of a fleet of devices: X.509 over MQTT/TLS in, a JWT for any HTTP service out.')
    .version(needs.version)
    .addHelpText('after', HELP);
  const admin = [
    ...[tenantCommand, trustCommand, crlCommand, ocspCommand, forecastCommand, devicesCommand, revocationsCommand, tokenCommand, keysCommand, userCommand],
    ...[optionCommand, auditCommand, refusalsCommand],
  ].map((make) => make(needs));
  const revoking = [adminCommand(revoke(needs), needs), adminCommand(hold(needs), needs), adminCommand(RELEASE, needs)];
  for (const each of [...needs.commands, ...revoking, ...admin, ...sessionCommands(needs)]) command.addCommand(each);
  for (const each of everyOf(command)) settle(each, needs);
  return command;
}

/** Runs one command line (`argv` without node and script) and says what the process should exit with. Never throws, never exits. */
export async function runProgram(command: Command, argv: readonly string[], { writeError }: Pick<CliNeeds, 'writeError'>): Promise<number> {
  try {
    await command.parseAsync([...argv], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) {
      const exit = exitCodeOf(error);
      if (exit === EXIT.usage && isFoundByCommander(error)) writeError('Add --help for what the command takes, and examples.\n');
      return exit;
    }
    writeError(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT.failed;
  }
}

/** Commands that were made elsewhere inherit nothing: each is told the same. */
function settle(command: Command, { write, writeError }: CliNeeds): void {
  command
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ writeOut: write, writeErr: writeError, outputError: (text) => (text.trim() === '' ? undefined : writeError(text)) });
}

const everyOf = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(everyOf)];

/** What commander itself finds wrong is a matter of usage; what a command ends with is the command's. */
function exitCodeOf(error: CommanderError): number {
  if (error.exitCode === 0) return EXIT.done;
  return error.code === 'commander.error' ? error.exitCode : EXIT.usage;
}

const isFoundByCommander = ({ code }: CommanderError): boolean => code !== 'commander.error' && code !== 'commander.help';
