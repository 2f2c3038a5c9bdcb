import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { Command } from 'commander';
import { grant } from '../../domain/shared/decision.ts';
import { adminCommand, said, type AdminAction, type CommonOptions } from './admin-command.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { CRL_RULE } from './crl-rule.ts';
import { printable } from './printable.ts';
import { reasonOf } from './reason-of.ts';
import { table } from './table.ts';

interface ListView {
  readonly id: string;
  readonly fingerprint: string;
  readonly issuer: string;
  readonly nextUpdate: string;
  readonly entries: number;
  readonly deltaOf?: string;
  readonly from: string;
}

const LARGEST_FILE = 90 * 1024 * 1024;
const LISTS = '/fleetgate/revocation-lists';
const MODE = '/tenant/options/fleetgate/check.crl';

/** `fleetgate crl`: the revocation lists of the CAs that a tenant trusts. */
export function crlCommand(needs: CliNeeds): Command {
  const command = new Command('crl').description('revocation lists of the CAs that your tenant trusts');
  command.addCommand(adminCommand(ADD, needs));
  for (const action of [LIST, REMOVE]) command.addCommand(adminCommand(action, needs));
  return command.addCommand(adminCommand(CRL_RULE, needs));
}

const ADD: AdminAction<CommonOptions> = {
  name: 'add',
  about: 'put a revocation list in force, in the place of the former one of its issuer',
  arguments: [
    ['<fingerprint>', 'of the trusted CA, as `trust list` shows it'],
    ['<file>', 'the list: DER or PEM; behind PEM, certificates between its issuer and the CA'],
  ],
  examples: ['crl add 1f0c… works.crl', 'option set fleetgate check.crl report'],
  as: 'own',
  run: async (api, { args: [fingerprint = '', file = ''] }) => {
    const bytes = await readList(file);
    if (!bytes.granted) return bytes;
    const upload = { type: 'application/pkix-crl', bytes: Readable.from(chunksOf(bytes.value)), length: bytes.value.length };
    const answer = await api.upload(`${LISTS}/${encodeURIComponent(fingerprint)}`, upload);
    if (!answer.granted) return answer;
    const { id, issuer, entries, nextUpdate } = answer.value as ListView;
    const mode = await api.get(MODE);
    const value = mode.granted ? (mode.value as { readonly value: string }).value : undefined;
    return said(
      answer.value,
      `List ${printable(id)} of ${printable(issuer)} is in force: ${entries} revoked, the next one is due ${printable(nextUpdate)}.`,
      ...(value === 'off' ? ['It refuses nobody yet: check.crl is off. See whom it would refuse: fleetgate option set fleetgate check.crl report'] : []),
      ...(value === 'report' ? ['It refuses nobody yet, and the audit log tells whom it would: fleetgate option set fleetgate check.crl enforce'] : []),
    );
  },
};

/** A private key never leaves this machine. */
async function readList(file: string): Promise<Outcome<Buffer>> {
  try {
    const { size } = await stat(file);
    if (size > LARGEST_FILE) return fail(EXIT.usage, `'${file}' has ${size} bytes, and a list at most ${LARGEST_FILE}.`);
    const bytes = await readFile(file);
    return bytes.includes('PRIVATE KEY-----') ? fail(EXIT.usage, `'${file}' holds a private key. Nothing was sent. Give the file of the list alone.`) : grant(bytes);
  } catch (error) {
    return fail(EXIT.usage, `The list cannot be read: ${reasonOf(error)}.`);
  }
}

const CHUNK = 1024 * 1024;

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}

const LIST: AdminAction<CommonOptions> = {
  name: 'list',
  about: 'the revocation lists in force',
  examples: ['crl list', 'crl list --json'],
  as: 'own',
  run: async (api) => {
    const answer = await api.get(LISTS);
    if (!answer.granted) return answer;
    const { revocationLists: lists } = answer.value as { readonly revocationLists: readonly ListView[] };
    const rows = lists.map((each) => [each.id, each.fingerprint, each.deltaOf === undefined ? 'full' : 'delta', String(each.entries), each.nextUpdate.slice(0, 16), each.from, each.issuer]);
    return said(lists, ...table(['ID', 'CA', 'KIND', 'REVOKED', 'NEXT UPDATE', 'FROM', 'ISSUER'], rows));
  },
};

const REMOVE: AdminAction<CommonOptions> = {
  name: 'remove',
  about: 'take a revocation list out of force: what it revoked is no longer revoked by it',
  arguments: [['<id>', 'as `crl list` shows it']],
  examples: ['crl remove 0b9c1d3e-…'],
  as: 'own',
  run: async (api, { args: [id = ''] }) => {
    const answer = await api.delete(`${LISTS}/${encodeURIComponent(id)}`);
    return answer.granted ? said({ removed: id }, `List ${printable(id)} is no longer in force.`) : answer;
  },
};
