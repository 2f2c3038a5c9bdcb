import { said, type AdminAction, type CommonOptions } from './admin-command.ts';
import { careful, carefully, type CarefulOptions } from './careful-change.ts';
import type { CliNeeds } from './cli-needs.ts';
import { printable } from './printable.ts';

/** A block as the server shows it. */
export interface BlockView {
  readonly reason: string;
  readonly by: string;
  readonly at: string;
}

interface BlockOptions extends CarefulOptions {
  readonly reason: string;
}

const pathOf = (id: string, what: 'block' | 'unblock'): string => `/fleetgate/devices/${encodeURIComponent(id)}/${what}`;

export const block = (needs: CliNeeds): AdminAction<BlockOptions> => ({
  name: 'block',
  about: 'keep a device out, whatever its certificate says: its connection and its tokens end now',
  arguments: [['<id>', 'the device']],
  examples: ["devices block press-7 --reason 'stolen on 3 May'", "devices block press-7 --reason 'stolen on 3 May' --dry-run"],
  as: 'own',
  options: careful((command) => command.requiredOption('--reason <text>', 'why, in one line of at most 256 characters; the device and its users will read it')),
  run: (api, { args: [id = ''], options }) => {
    const send = (query: string) => api.post(`${pathOf(id, 'block')}${query}`, { reason: options.reason });
    return carefully({ send, done: (answer) => said(answer, `Blocked ${printable(id)}: ${printable(options.reason)}`) }, { options }, needs);
  },
});

export const UNBLOCK: AdminAction<CommonOptions> = {
  name: 'unblock',
  about: 'let a blocked device in again',
  arguments: [['<id>', 'the device']],
  examples: ['devices unblock press-7'],
  as: 'own',
  run: async (api, { args: [id = ''] }) => {
    const answer = await api.post(pathOf(id, 'unblock'));
    return answer.granted ? said(answer.value, `Unblocked ${printable(id)}.`) : answer;
  },
};
