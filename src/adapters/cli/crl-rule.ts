import { said, type AdminAction, type CommonOptions } from './admin-command.ts';
import { EXIT, fail } from './cli-failure.ts';
import { printable } from './printable.ts';

interface RuleOptions extends CommonOptions {
  readonly fetchFrom?: readonly string[];
  readonly acceptHours?: string;
  readonly refuseHours?: string;
  readonly missing?: string;
  readonly usual?: true;
}

interface RuleView {
  readonly urls: readonly string[];
  readonly acceptHours: number;
  readonly refuseHours: number;
  readonly missing: string;
}

/** What is asked of the lists of one CA. Without options it is shown; with some, these change and the rest stays. */
export const CRL_RULE: AdminAction<RuleOptions> = {
  name: 'rule',
  about: 'show or set where the lists of a CA are fetched, and how old they may be',
  arguments: [['<fingerprint>', 'of the trusted CA, as `trust list` shows it']],
  examples: ['crl rule 1f0c…', 'crl rule 1f0c… --fetch-from http://pki.example.com/works.crl', 'crl rule 1f0c… --accept-hours 24 --refuse-hours 72 --missing refuse', 'crl rule 1f0c… --usual'],
  as: 'own',
  options: (command) =>
    command
      .option('--fetch-from <url...>', 'http or https URLs of lists; nothing is fetched from anywhere else')
      .option('--accept-hours <hours>', 'hours after nextUpdate for which a list counts as new')
      .option('--refuse-hours <hours>', 'hours after nextUpdate from which devices are refused')
      .option('--missing <what>', 'accept or refuse devices of whose certificates no list speaks')
      .option('--usual', 'forget what was set'),
  run: async (api, { args: [fingerprint = ''], options }) => {
    const path = `/fleetgate/revocation-list-rules/${encodeURIComponent(fingerprint)}`;
    const { fetchFrom, acceptHours, refuseHours, missing, usual } = options;
    const isSet = [fetchFrom, acceptHours, refuseHours, missing].some((value) => value !== undefined);
    if (usual && isSet) return fail(EXIT.usage, 'Give --usual or what to set, not both.');
    if (usual) {
      const gone = await api.delete(path);
      if (!gone.granted) return gone;
    }
    const present = await api.get(path);
    if (!present.granted || !isSet) return present.granted ? shown(present.value as RuleView) : present;
    const { urls, ...rest } = present.value as RuleView;
    const answer = await api.put(path, {
      urls: fetchFrom ?? urls,
      acceptHours: acceptHours === undefined ? rest.acceptHours : Number(acceptHours),
      refuseHours: refuseHours === undefined ? rest.refuseHours : Number(refuseHours),
      missing: missing ?? rest.missing,
    });
    return answer.granted ? shown(answer.value as RuleView) : answer;
  },
};

const shown = (rule: RuleView) =>
  said(
    rule,
    rule.urls.length === 0 ? 'No list is fetched.' : `Lists are fetched from ${rule.urls.map(printable).join(', ')}.`,
    `A list counts as new for ${rule.acceptHours} hours after its nextUpdate, and lets devices in with a warning until ${rule.refuseHours} hours after it.`,
    rule.missing === 'refuse' ? 'A device of whose certificate no list speaks is refused.' : 'A device of whose certificate no list speaks is let in.',
  );
