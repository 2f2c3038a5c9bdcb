import { said, type AdminAction, type CommonOptions } from './admin-command.ts';
import { EXIT, fail } from './cli-failure.ts';
import { printable } from './printable.ts';

interface RuleOptions extends CommonOptions {
  readonly askAt?: readonly string[];
  readonly hard?: true;
  readonly soft?: true;
  readonly acceptHours?: string;
  readonly refuseHours?: string;
  readonly none?: true;
}

interface RuleView {
  readonly urls: readonly string[];
  readonly hard: boolean;
  readonly acceptHours: number;
  readonly refuseHours: number;
}

const NOBODY = 'Responders of this CA are not asked.';
const MODE = '/tenant/options/fleetgate/check.ocsp';

/** Who is asked about the devices of one CA. Without options it is shown; with some, these change and the rest stays. */
export const OCSP_RULE: AdminAction<RuleOptions> = {
  name: 'rule',
  about: 'show or set which OCSP responders of a CA are asked, and what becomes of devices without an answer',
  arguments: [['<fingerprint>', 'of the trusted CA, as `trust list` shows it']],
  examples: ['ocsp rule 1f0c…', 'ocsp rule 1f0c… --ask-at http://ocsp.example.com', 'ocsp rule 1f0c… --hard --accept-hours 1 --refuse-hours 24', 'ocsp rule 1f0c… --none'],
  as: 'own',
  options: (command) =>
    command
      .option('--ask-at <url...>', 'http or https URLs of responders; nobody else is asked')
      .option('--hard', 'refuse devices without an answer')
      .option('--soft', 'let devices in without an answer, and record it')
      .option('--accept-hours <hours>', 'hours for which an answer counts as new, from where it stops being so')
      .option('--refuse-hours <hours>', 'hours from which on a hard rule refuses for it')
      .option('--none', 'ask nobody any more'),
  run: async (api, { args: [fingerprint = ''], options }) => {
    const path = `/fleetgate/ocsp-rules/${encodeURIComponent(fingerprint)}`;
    const { askAt, hard, soft, acceptHours, refuseHours, none } = options;
    const isSet = [askAt, hard, soft, acceptHours, refuseHours].some((value) => value !== undefined);
    if ((none && isSet) || (hard && soft)) return fail(EXIT.usage, 'Give --none or what to set, and one of --hard and --soft.');
    if (none) {
      const gone = await api.delete(path);
      return gone.granted ? said({ removed: fingerprint }, NOBODY) : gone;
    }
    const present = await api.get(path);
    // With its responders a rule may be new.
    if (!present.granted && askAt === undefined) return present;
    if (present.granted && !isSet) return said(present.value, ...shown(present.value as RuleView));
    const before: Partial<RuleView> = present.granted ? (present.value as RuleView) : {};
    const answer = await api.put(path, {
      ...{ urls: before.urls, hard: before.hard, acceptHours: before.acceptHours, refuseHours: before.refuseHours },
      ...(askAt && { urls: askAt }),
      ...((hard || soft) && { hard: hard === true }),
      ...(acceptHours !== undefined && { acceptHours: Number(acceptHours) }),
      ...(refuseHours !== undefined && { refuseHours: Number(refuseHours) }),
    });
    if (!answer.granted) return answer;
    const mode = await api.get(MODE);
    const value = mode.granted ? (mode.value as { readonly value: string }).value : undefined;
    return said(
      answer.value,
      ...shown(answer.value as RuleView),
      ...(value === 'off' ? ['Nobody is asked yet: check.ocsp is off. Ask, and see whom it would refuse: fleetgate option set fleetgate check.ocsp report'] : []),
      ...(value === 'report' ? ['It refuses nobody yet, and the audit log tells whom it would: fleetgate option set fleetgate check.ocsp enforce'] : []),
    );
  },
};

const shown = ({ urls, hard, acceptHours, refuseHours }: RuleView): readonly string[] => [
  `Asked are ${urls.map(printable).join(', ')}.`,
  hard
    ? `Hard: a device without an answer is refused. An answer counts as new for ${acceptHours} hours after its end, and lets devices in with a warning until ${refuseHours} hours after it.`
    : 'Soft: a device without an answer is let in, and that is recorded. What is revoked is refused.',
];
