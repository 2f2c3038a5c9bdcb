import { Command } from 'commander';
import { adminCommand, said } from './admin-command.ts';
import type { CliNeeds } from './cli-needs.ts';
import { printable } from './printable.ts';

/** `fleetgate keys`: the keys that sign device tokens. */
export const keysCommand = (needs: CliNeeds): Command =>
  new Command('keys').description('the keys that sign device tokens').addCommand(
    adminCommand(
      {
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
      },
      needs,
    ),
  );
