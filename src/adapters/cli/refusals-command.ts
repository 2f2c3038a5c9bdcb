import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { adminCommand, said, type AdminAction, type CommonOptions, type Said } from './admin-command.ts';
import type { ApiClient } from './api-client.ts';
import type { Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { LARGEST_PAGE, withLimit } from './pages.ts';
import { printable } from './printable.ts';

interface RefusalView {
  readonly id: string;
  readonly tenant: string;
  readonly code: string;
  readonly wouldBe?: boolean;
  readonly depth?: number;
  readonly evidence: Readonly<Record<string, string | number>>;
  readonly whatToDo: string;
  readonly device: string;
  readonly certificate?: { readonly serialNumber: string; readonly subject: string };
  readonly from: string;
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
}

interface RefusalsOptions extends CommonOptions {
  readonly follow?: true;
  readonly code?: string;
  readonly device?: string;
  readonly since?: string;
  readonly tenant?: string;
  readonly limit: number;
}

/** Between two questions of `--follow`. */
const PAUSE_MS = 2_000;

export interface RefusalsNeeds extends CliNeeds {
  /** Resolves with whether to ask once more. */
  readonly again?: () => Promise<boolean>;
}

/** `fleetgate refusals`: whom the gate turned away, and what to do about it. */
export const refusalsCommand = (needs: RefusalsNeeds): Command =>
  adminCommand(action(needs), needs).addHelpText('after', '\nWith the management tenant’s user: those whose tenant is not known, or with --tenant those of any.\n');

const action = (needs: RefusalsNeeds): AdminAction<RefusalsOptions> => ({
  name: 'refusals',
  about: 'connects that the gate refused: why, and what to do about it',
  examples: ['refusals', 'refusals --follow', 'refusals --device press-7', 'refusals --code tenant.no-anchor-found --limit 1000 --json'],
  as: 'own',
  options: (command) =>
    withLimit(command, 20)
      .option('--follow', 'show each as it happens, until Ctrl-C; with --json one line each')
      .option('--code <code>', 'only those with this code')
      .option('--device <id>', 'only those of this device')
      .option('--since <time>', 'only those seen since then, as 2027-01-31T12:00:00Z')
      .option('--tenant <id>', 'those of another tenant, as an administrator of management'),
  run: async (api, { options }) => {
    const found = await api.get(pathOf(options));
    if (!found.granted) return found;
    const { refusals, next } = found.value as { refusals: RefusalView[]; next?: string };
    if (options.follow) return follow(api, options, refusals, needs);
    const more = next === undefined ? [] : [`There are more: --limit shows up to ${LARGEST_PAGE}.`];
    return said({ refusals, hasMore: next !== undefined }, ...(refusals.length === 0 ? ['Nobody was refused.'] : refusals.flatMap(linesOf)), ...more);
  },
});

const pathOf = ({ code, device, since, tenant, limit: size }: RefusalsOptions): string => {
  const filters = Object.entries({ code, device, since, tenant }).filter(([, value]) => value !== undefined);
  return `/fleetgate/refusals?limit=${size}${filters.map(([name, value]) => `&${name}=${encodeURIComponent(value!)}`).join('')}`;
};

/** Oldest first, as they come. What was shown is known by its id, which changes with every further refusal. */
async function follow(api: ApiClient, options: RefusalsOptions, first: readonly RefusalView[], { write, again = waited }: RefusalsNeeds): Promise<Outcome<Said>> {
  const show = (refusal: RefusalView): void => write(options.json ? `${JSON.stringify(refusal)}\n` : linesOf(refusal).map((line) => `${line}\n`).join(''));
  let [shown, since] = [new Set<string>(), options.since];
  for (let page = first; ; ) {
    for (const refusal of [...page].reverse()) if (!shown.has(refusal.id)) show(refusal);
    if (page[0]) [shown, since] = [new Set([...shown, ...page.map(({ id }) => id)].slice(-2 * LARGEST_PAGE)), page[0].lastSeen];
    if (!(await again())) return said({});
    const found = await api.get(pathOf({ ...options, ...(since !== undefined && { since }), limit: LARGEST_PAGE }));
    if (!found.granted) return found;
    page = (found.value as { refusals: RefusalView[] }).refusals;
  }
}

const waited = async (): Promise<boolean> => pause(PAUSE_MS, true);

function linesOf({ code, wouldBe, depth, evidence, whatToDo, device, from, count, firstSeen, lastSeen }: RefusalView): readonly string[] {
  const where = depth === undefined ? '' : ` at depth ${depth}`;
  const often = count === 1 ? '' : `, ${count} times since ${firstSeen}`;
  const found = Object.entries(evidence).map(([name, value]) => `${name} ${value}`).join(', ');
  return [
    `${lastSeen}  ${device === '' ? '(no name)' : device}  ${wouldBe ? 'let in, and would be refused: ' : ''}${code}${where}  from ${from}${often}`,
    ...(found === '' ? [] : [`  found  ${found}`]),
    `  do     ${whatToDo}`,
  ].map(printable);
}
