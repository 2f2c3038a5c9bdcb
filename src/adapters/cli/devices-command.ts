import { Command } from 'commander';
import { adminCommand, said, type AdminAction, type CommonOptions } from './admin-command.ts';
import type { CliNeeds } from './cli-needs.ts';
import { block, UNBLOCK, type BlockView } from './device-block.ts';
import { importAction } from './import-devices.ts';
import { listed, moreOf, withPages, type PageOptions } from './pages.ts';
import { printable } from './printable.ts';
import { removeDevices } from './remove-devices.ts';
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

/** `fleetgate devices`: what a tenant knows of its devices. */
export function devicesCommand(needs: CliNeeds): Command {
  const command = new Command('devices').description('the devices of your tenant');
  command.addCommand(adminCommand(importAction(needs), needs)).addCommand(adminCommand(LIST, needs));
  command.addCommand(adminCommand(block(needs), needs));
  for (const action of [UNBLOCK, SHOW]) command.addCommand(adminCommand(action, needs));
  return command.addCommand(adminCommand(removeDevices(needs), needs));
}

const LIST: AdminAction<CommonOptions & PageOptions> = {
  name: 'list',
  about: 'the devices by id',
  examples: ['devices list', 'devices list --limit 20 --after press-7', 'devices list --all --json'],
  as: 'own',
  options: withPages,
  run: async (api, { options }) => {
    const found = await listed<DeviceView>(api, { path: '/fleetgate/devices', name: 'devices' }, options);
    if (!found.granted) return found;
    const { rows: devices, hasMore } = found.value;
    const someBlocked = devices.some(({ block }) => block);
    const rows = devices.map(({ id, registeredBy, registeredAt, block }) => [id, registeredBy, registeredAt, ...(someBlocked ? [block?.reason ?? ''] : [])]);
    return said({ devices, hasMore }, ...table(['ID', 'BY', 'REGISTERED', ...(someBlocked ? ['BLOCKED'] : [])], rows), ...moreOf(found.value));
  },
};

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
