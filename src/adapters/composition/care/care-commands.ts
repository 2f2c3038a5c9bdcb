import { resolve } from 'node:path';
import { Command } from 'commander';
import { grant } from '../../../domain/shared/decision.ts';
import { conclude, said, withExamples, type Said } from '../../cli/admin-command.ts';
import type { Outcome } from '../../cli/cli-failure.ts';
import type { CliNeeds } from '../../cli/cli-needs.ts';
import { printable } from '../../cli/printable.ts';
import { backUp } from '../../persistence/back-up.ts';
import { dataInQuestion } from './data-in-question.ts';
import { examine, type Finding } from './examine.ts';

interface CareOptions {
  readonly dataDir?: string;
  readonly json?: true;
}

const MARKS = { good: '✓', warning: '!', bad: '✗' } as const;

/** What an operator does at the machine itself, whether a server runs there or not. */
export const careCommands = (needs: CliNeeds): readonly Command[] => [backupCommand(needs), doctorCommand(needs)];

function backupCommand(needs: CliNeeds): Command {
  const command = new Command('backup')
    .description('copy the database into a file, while the server runs')
    .argument('<file>', 'where to; never overwritten, mode 0600')
    .option('--data-dir <folder>', 'of this data directory instead of FLEETGATE_DATA_DIR')
    .option('--json', 'for programs');
  withExamples(command, ['backup /backup/fleetgate-monday.sqlite']);
  return command.action(async (to: string) => {
    const options = command.opts<CareOptions>();
    await conclude(command, needs, options, async () => {
      const { file, dataDir } = dataInQuestion(needs, options.dataDir);
      const target = resolve(to);
      backUp({ file, target });
      return said({ file: target }, `The database is in ${target}.`, `Keys are not in it: copy ${dataDir}/keys and crl-keys too, once after each rotation, and keep both as secret.`);
    });
  });
}

function doctorCommand(needs: CliNeeds): Command {
  const command = new Command('doctor')
    .description('look whether the data of this machine are sound; changes nothing, and ends with 1 where something is wrong')
    .option('--data-dir <folder>', 'this data directory instead of FLEETGATE_DATA_DIR')
    .option('--json', 'for programs');
  withExamples(command, ['doctor', 'doctor --data-dir /restored --json']);
  return command.action(async () => {
    const options = command.opts<CareOptions>();
    await conclude(command, needs, options, async () => reportOf(await examine(dataInQuestion(needs, options.dataDir), needs.now())));
  });
}

function reportOf(findings: readonly Finding[]): Outcome<Said> {
  const text = findings.flatMap(({ what, verdict, sentence, remedy }) => [`${MARKS[verdict]} ${what.padEnd(12)} ${printable(sentence)}`, ...(remedy ? [`    do  ${printable(remedy)}`] : [])]);
  const bad = findings.some(({ verdict }) => verdict === 'bad');
  return grant({ json: { sound: !bad, findings }, text, isFailure: bad });
}
