import { Command, InvalidArgumentError } from 'commander';
import { grant } from '../../domain/shared/decision.ts';
import { adminCommand, said, type AdminAction, type CommonOptions } from './admin-command.ts';
import type { ApiClient } from './api-client.ts';
import type { Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { block, UNBLOCK, type BlockView } from './device-block.ts';
import { importAction } from './import-devices.ts';
import { removeDevices } from './remove-devices.ts';
import { printable } from './printable.ts';
import { table } from './table.ts';

interface DeviceView {
  readonly id: string;
  readonly userName: string;
  readonly registeredBy: string;
  readonly registeredAt: string;
  readonly details: Readonly<Record<string, string>>;
  readonly block?: BlockView;
  /** The one seen last first; of one device alone. */
  readonly certificates?: readonly { readonly serialNumber: string; readonly notAfter: string; readonly lastSeen: string }[];
}

interface ListOptions extends CommonOptions {
  readonly limit: number;
  readonly after?: string;
  readonly all?: true;
}

/** Largest page of the server. */
const LARGEST_PAGE = 1000;

/** `fleetgate devices`: what a tenant knows of its devices. */
export function devicesCommand(needs: CliNeeds): Command {
  const command = new Command('devices').description('the devices of your tenant');
  command.addCommand(adminCommand(importAction(needs), needs)).addCommand(adminCommand(LIST, needs));
  command.addCommand(adminCommand(block(needs), needs));
  for (const action of [UNBLOCK, SHOW]) command.addCommand(adminCommand(action, needs));
  return command.addCommand(adminCommand(removeDevices(needs), needs));
}

const LIST: AdminAction<ListOptions> = {
  name: 'list',
  about: 'the devices by id',
  examples: ['devices list', 'devices list --limit 20 --after press-7', 'devices list --all --json'],
  as: 'own',
  options: (command) =>
    command
      .option('--limit <n>', `how many, at most ${LARGEST_PAGE}`, limit, 100)
      .option('--after <id>', 'those after this id')
      .option('--all', 'all of them, page by page'),
  run: async (api, { options }) => {
    const found = await pages(api, options);
    if (!found.granted) return found;
    const { devices, hasMore } = found.value;
    const someBlocked = devices.some(({ block }) => block);
    const rows = devices.map(({ id, registeredBy, registeredAt, block }) => [id, registeredBy, registeredAt, ...(someBlocked ? [block?.reason ?? ''] : [])]);
    const more = hasMore ? [`There are more: --after '${printable(devices.at(-1)!.id)}', or --all.`] : [];
    return said({ devices, hasMore }, ...table(['ID', 'BY', 'REGISTERED', ...(someBlocked ? ['BLOCKED'] : [])], rows), ...more);
  },
};

async function pages(api: ApiClient, options: ListOptions): Promise<Outcome<{ readonly devices: readonly DeviceView[]; readonly hasMore: boolean }>> {
  const devices: DeviceView[] = [];
  const size = options.all ? LARGEST_PAGE : options.limit;
  for (let after = options.after; ; after = devices.at(-1)!.id) {
    const answer = await api.get(`/fleetgate/devices?limit=${size}${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`);
    if (!answer.granted) return answer;
    const page = answer.value as { devices: DeviceView[]; next?: string };
    devices.push(...page.devices);
    const hasMore = page.next !== undefined && page.devices.length > 0;
    if (!hasMore || !options.all) return grant({ devices, hasMore });
  }
}

const SHOW: AdminAction<CommonOptions> = {
  name: 'show',
  about: 'all that is known of a device',
  arguments: [['<id>', 'the device']],
  examples: ['devices show press-7'],
  as: 'own',
  run: async (api, { args: [id = ''] }) => {
    const answer = await api.get(`/fleetgate/devices/${encodeURIComponent(id)}`);
    if (!answer.granted) return answer;
    const { details, block, certificates = [], ...device } = answer.value as DeviceView;
    const blocked = block ? [['blocked', `${block.at} by ${block.by}: ${block.reason}`]] : [];
    const facts = [['id', device.id], ['user name', device.userName], ['registered', `${device.registeredAt} by ${device.registeredBy === 'auto' ? 'its first connection' : 'a bulk file'}`], ...blocked, ...Object.entries(details)];
    const seen = certificates.map((each) => [each.serialNumber, each.notAfter, each.lastSeen]);
    const width = facts.reduce((most, [name = '']) => Math.max(most, Math.min(name.length, 40)), 0);
    const lines = facts.map(([name = '', value = '']) => `${printable(name).padEnd(width)}  ${printable(value)}`);
    return said(answer.value, ...lines, ...(seen.length > 0 ? ['', ...table(['CERTIFICATE', 'VALID UNTIL', 'LAST SEEN'], seen)] : []));
  },
};

function limit(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= LARGEST_PAGE) return number;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${LARGEST_PAGE}.`);
}
