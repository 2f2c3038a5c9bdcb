import { Command } from 'commander';
import { adminCommand, said, type AdminAction, type CommonOptions } from './admin-command.ts';
import type { CliNeeds } from './cli-needs.ts';
import { OCSP_RULE } from './ocsp-rule.ts';
import { printable } from './printable.ts';
import { table } from './table.ts';

interface RuleView {
  readonly fingerprint: string;
  readonly urls: readonly string[];
  readonly hard: boolean;
}

interface AnswerView {
  readonly fingerprint: string;
  readonly certificate: string;
  readonly status: string;
  readonly reason?: string;
  readonly freshUntil?: string;
  readonly from?: string;
  readonly nextQuestion: string;
  readonly problem?: string;
}

const ANSWERS = '/fleetgate/ocsp-answers';

/** `fleetgate ocsp`: the OCSP responders of the CAs that a tenant trusts. */
export function ocspCommand(needs: CliNeeds): Command {
  const command = new Command('ocsp').description('OCSP responders of the CAs that your tenant trusts');
  command.addCommand(adminCommand(OCSP_RULE, needs));
  for (const action of [RULES, SHOW, ASK]) command.addCommand(adminCommand(action, needs));
  return command;
}

const RULES: AdminAction<CommonOptions> = {
  name: 'rules',
  about: 'of which CAs responders are asked',
  examples: ['ocsp rules', 'ocsp rules --json'],
  as: 'own',
  run: async (api) => {
    const answer = await api.get('/fleetgate/ocsp-rules');
    if (!answer.granted) return answer;
    const { ocspRules: rules } = answer.value as { readonly ocspRules: readonly RuleView[] };
    return said(rules, ...table(['CA', 'RULE', 'ASKED'], rules.map(({ fingerprint, hard, urls }) => [fingerprint, hard ? 'hard' : 'soft', urls.join(' ')])));
  },
};

const CERTIFICATE = ['<certificate>', 'serial number or SHA-1 fingerprint'] as const;

const SHOW: AdminAction<CommonOptions> = {
  name: 'show',
  about: 'what responders said of a certificate',
  arguments: [CERTIFICATE],
  examples: ['ocsp show 4a:01', 'ocsp show 89d4…'],
  as: 'own',
  run: async (api, { args: [certificate = ''] }) => {
    const answer = await api.get(`${ANSWERS}/${encodeURIComponent(certificate)}`);
    return answer.granted ? shown(answer.value) : answer;
  },
};

const ASK: AdminAction<CommonOptions> = {
  name: 'ask',
  about: 'ask responders about a certificate now, and act on what they say',
  arguments: [CERTIFICATE],
  examples: ['ocsp ask 4a:01'],
  as: 'own',
  run: async (api, { args: [certificate = ''] }) => {
    const answer = await api.post(`${ANSWERS}/${encodeURIComponent(certificate)}/ask`, {});
    return answer.granted ? shown(answer.value) : answer;
  },
};

function shown(value: unknown) {
  const { ocspAnswers: answers } = value as { readonly ocspAnswers: readonly AnswerView[] };
  return said(answers, ...answers.flatMap(linesOf));
}

const linesOf = ({ fingerprint, certificate, status, reason, freshUntil, from, nextQuestion, problem }: AnswerView): readonly string[] => [
  `Certificate ${printable(certificate)} below CA ${printable(fingerprint)}: ${printable(status)}${reason === undefined ? '' : ` (${printable(reason)})`}.`,
  ...(from === undefined || freshUntil === undefined ? [] : [`  ${printable(from)} said so; it counts as new until ${printable(freshUntil)}.`]),
  ...(problem === undefined ? [] : [`  The last question brought nothing: ${printable(problem)}.`]),
  `  It is asked about again after ${printable(nextQuestion)}.`,
];
