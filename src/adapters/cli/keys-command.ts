import { Command } from 'commander';
import { adminCommand, conclude, said, withExamples, type AdminAction, type CommonOptions } from './admin-command.ts';
import { EXIT, fail } from './cli-failure.ts';
import type { CliNeeds, Resealed } from './cli-needs.ts';
import { printable } from './printable.ts';

/** `fleetgate keys`: the keys that sign device tokens, and the seal on all private keys. */
export const keysCommand = (needs: CliNeeds): Command =>
  new Command('keys').description('the keys that sign device tokens, and the seal on private keys').addCommand(adminCommand(ROTATE, needs)).addCommand(resealCommand(needs));

const ROTATE: AdminAction<CommonOptions> = {
  name: 'rotate',
  about: 'make a new signing key; tokens of the former ones are good until they expire',
  examples: ['keys rotate'],
  as: 'management',
  run: async (api) => {
    const answer = await api.post('/fleetgate/keys/rotate');
    if (!answer.granted) return answer;
    const { kid } = answer.value as { kid: string };
    return said(answer.value, `Tokens are signed by the key ${printable(kid)} from now on.`);
  },
};

function resealCommand(needs: CliNeeds): Command {
  const command = new Command('reseal')
    .description('seal every private key anew under the first key in the file that FLEETGATE_SEALING_KEY_FILE names; here at the machine, with the settings of the server, which may be running')
    .option('--json', 'print JSON for programs');
  withExamples(command, ['keys reseal', 'keys reseal --json']);
  return command.action(async () => {
    await conclude(command, needs, command.opts<{ json?: true }>(), async () => {
      if (!needs.resealKeys) return fail(EXIT.usage, 'Keys cannot be sealed here.');
      const resealed = await needs.resealKeys();
      return resealed.granted ? said(resealed.value, ...textOf(resealed.value)) : resealed;
    });
  });
}

function textOf({ sealingKey, already, sealed, file, spare, nodes }: Resealed): readonly string[] {
  const done = sealed.map(({ under, count }) => `${privateKeys(count)} that ${under === undefined ? 'lay in clear' : `${count === 1 ? 'was' : 'were'} under the key ${under}`}`);
  const most = `${already} ${already === 1 ? 'was' : 'were'} under it already.`;
  return [
    done.length === 0 ? `Nothing was to do: all ${privateKeys(already)} were sealed under the key ${sealingKey} already.` : `Sealed anew under the key ${sealingKey}: ${done.join(', ')}. ${most}`,
    ...(spare > 0 ? [`${spare === 1 ? 'The line' : `The ${spare} lines`} below the first can be taken out of ${printable(file)} now${nodes ? ', once every node has run this: each has key files of its own' : ''}.`] : []),
    ...(spare > 0 ? ['Backups of keys that were made before open under the key of their time only: keep it as long as them, and elsewhere.'] : []),
  ];
}

const privateKeys = (count: number): string => `${count} private key${count === 1 ? '' : 's'}`;
