import { said, type AdminAction, type CommonOptions } from './admin-command.ts';
import { printable } from './printable.ts';

/** A block as the server shows it. */
export interface BlockView {
  readonly reason: string;
  readonly by: string;
  readonly at: string;
}

interface BlockOptions extends CommonOptions {
  readonly reason: string;
}

const pathOf = (id: string, what: 'block' | 'unblock'): string => `/fleetgate/devices/${encodeURIComponent(id)}/${what}`;

export const BLOCK: AdminAction<BlockOptions> = {
  name: 'block',
  about: 'keep a device out, whatever its certificate says: its connection and its tokens end now',
  arguments: [['<id>', 'the device']],
  examples: ["devices block press-7 --reason 'stolen on 3 May'"],
  as: 'own',
  options: (command) => command.requiredOption('--reason <text>', 'why, in one line of at most 256 characters; the device and its users will read it'),
  run: async (api, { args: [id = ''], options: { reason } }) => {
    const answer = await api.post(pathOf(id, 'block'), { reason });
    return answer.granted ? said(answer.value, `Blocked ${printable(id)}: ${printable(reason)}`) : answer;
  },
};

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
