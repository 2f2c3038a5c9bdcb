import type { Command } from 'commander';
import type { RefusalCode } from '../../domain/refusal.ts';
import type { Evidence } from '../../domain/shared/refusal-of.ts';
import type { Check, Explanation } from '../../ports/driving/explain-desk.ts';
import { conclude, warnIfOpen, type Said } from './admin-command.ts';
import { accessOf, type PlaceOptions } from './api-access.ts';
import { ApiClient } from './api-client.ts';
import { EXIT, fail, failureText, type Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { explanationText } from './explanation-text.ts';

export interface LiveOptions extends PlaceOptions {
  readonly at?: string;
  readonly clientId?: string;
  readonly userName?: string;
  readonly serverName?: string;
  readonly tenant?: string;
  readonly json?: true;
}

/** The answer of `POST /fleetgate/explain`; a newer server may know codes that this program does not. */
interface Answer {
  readonly at: string;
  readonly tenant?: string;
  readonly device?: string;
  readonly refusal?: { readonly code: RefusalCode; readonly depth?: number; readonly evidence: Evidence; readonly requires: string; readonly cites: string };
  readonly whatToDo: readonly string[];
  readonly path: Explanation['path'];
  readonly checks: readonly Check[];
}

export const withLiveOptions = (command: Command): Command =>
  command
    .option('--server', 'ask the running server instead: what it trusts and has registered now')
    .option('--user-name <name>', 'with --server: the MQTT user name')
    .option('--server-name <name>', 'with --server: the TLS server name')
    .option('--tenant <id>', 'with --server: whose trust to ask, as an administrator of management (default: of all)')
    .option('--url <url>', 'with --server: address of the HTTP API')
    .option('--ca <file>', 'with --server: PEM file of the CA that signed the certificate of an https server');

/** Asks the running server, and prints its answer as the offline one is. Exit code 3 where the gate would refuse. */
export async function explainLive(command: Command, chain: string, options: LiveOptions, needs: CliNeeds, colours: boolean): Promise<void> {
  const access = accessOf(needs, options, 'own');
  if (!access.granted) {
    needs.writeError(failureText(access.refusal));
    return command.error('', { exitCode: access.refusal.exit });
  }
  warnIfOpen(access.value, needs);
  let isRefused = false;
  await conclude(command, needs, options, async (): Promise<Outcome<Said>> => {
    const { at, clientId, userName, serverName, tenant } = options;
    const wishes = Object.entries({ at, clientId, userName, serverName, tenant }).filter(([, value]) => value !== undefined);
    const found = await new ApiClient({ access: access.value }).post('/fleetgate/explain', { chain, ...Object.fromEntries(wishes) });
    if (!found.granted) return found;
    const answer = found.value as Answer;
    if (!Array.isArray(answer.checks)) return fail(EXIT.failed, 'The server does not know how to explain. Is it older than this program?');
    isRefused = answer.refusal !== undefined;
    return { granted: true, value: { json: answer, text: [textOf(answer, colours).trimEnd()] } };
  });
  if (isRefused) command.error('', { exitCode: EXIT.refused });
}

function textOf({ at, refusal, tenant, ...rest }: Answer, colours: boolean): string {
  const explanation: Explanation = { ...rest, ...(refusal && { refusal }) };
  const text = refusal && { requires: refusal.requires, cites: refusal.cites };
  return explanationText(explanation, new Date(at), colours, { whatToDo: rest.whatToDo, ...(tenant !== undefined && { tenant }), ...(text && { text }) });
}
