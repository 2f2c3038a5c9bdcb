import { refuse } from '../../domain/shared/decision.ts';
import { said, type AdminAction, type Said } from './admin-command.ts';
import { careful, carefully, type CarefulOptions } from './careful-change.ts';
import type { CliNeeds } from './cli-needs.ts';
import { printable } from './printable.ts';

export const removeDevices = (needs: CliNeeds): AdminAction<CarefulOptions> => ({
  name: 'remove',
  about: 'forget devices, end their connections and their tokens here',
  arguments: [['<ids...>', 'the devices']],
  examples: ['devices remove press-7', 'devices remove press-7 press-8', 'devices remove press-7 --dry-run'],
  as: 'own',
  options: careful(),
  run: async (api, { args: ids, options }) => {
    const each: Said[] = [];
    for (const id of ids) {
      const send = (query: string) => api.delete(`/fleetgate/devices/${encodeURIComponent(id)}${query}`);
      const answer = await carefully({ send, done: () => said(id, `Removed ${printable(id)}.`) }, { options }, needs);
      const before = options.dryRun ? [] : each.map(({ json }) => json);
      if (!answer.granted) return refuse({ ...answer.refusal, message: `${answer.refusal.message}${before.length > 0 ? ` Removed before: ${before.join(', ')}.` : ''}` });
      each.push(answer.value);
    }
    const answers = each.map(({ json }) => json);
    return said(options.dryRun ? { foreseen: answers } : { removed: answers }, ...each.flatMap(({ text }) => text));
  },
});
