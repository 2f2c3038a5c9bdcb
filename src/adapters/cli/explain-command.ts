import { readFileSync, statSync } from 'node:fs';
import { Command } from 'commander';
import { sentenceOf } from '../../domain/refusal.ts';
import { grant, refuse, type Decision } from '../../domain/shared/decision.ts';
import type { UploadDecoder } from '../../ports/driven/upload-decoder.ts';
import type { ExplainDesk, ExplainQuestion } from '../../ports/driving/explain-desk.ts';
import type { CliNeeds } from './cli-needs.ts';
import { explainLive, withLiveOptions, type LiveOptions } from './explain-live.ts';
import { explanationJson, explanationText } from './explanation-text.ts';
import { pemBlocks } from './pem-blocks.ts';
import { reasonOf } from './reason-of.ts';

export interface ExplainCommandNeeds {
  readonly explain: ExplainDesk;
  readonly decoder: UploadDecoder;
  /** Takes whole lines, line ends included. */
  readonly write: (text: string) => void;
  /** Whether `write` leads to a terminal that shows colours; where it is absent, standard output and NO_COLOR decide. */
  readonly colours?: boolean;
  /** To ask a running server; where it is absent, none can be asked. */
  readonly cli?: CliNeeds;
}

interface ExplainOptions extends LiveOptions {
  readonly anchor: readonly string[];
  readonly disabled: readonly string[];
  readonly server?: true;
}

/** What the shell gets: 0 when the gate would admit, and these otherwise. */
export const EXPLAIN_EXIT = { refused: 3, usage: 2 } as const;

/** A file of certificates is some kilobytes; this keeps a wrong one from filling the memory. */
const MOST_BYTES = 1_048_576;

const EXAMPLES = `
Exit code: 0 the gate would admit, 3 it would refuse, 2 the question could not be read.

Examples:
  $ fleetgate explain pki/press-7-chain.pem --anchor pki/root.pem
  $ fleetgate explain chain.pem --anchor old-ca.pem --anchor new-ca.pem --at 2027-01-01T00:00:00Z
  $ fleetgate explain chain.pem --anchor ca.pem --client-id press-7 --json
  $ fleetgate explain chain.pem --server`;

/** `fleetgate explain`: what the gate would say to a chain, by the gate's own rules; without a server, unless one is asked for. */
export function explainCommand(needs: ExplainCommandNeeds): Command {
  const command = new Command('explain')
    .description('say what the gate would answer to a certificate chain, and by which rule')
    .argument('[chain.pem]', 'certificates as the device sends them, the device’s first (PEM or DER)')
    .option('--anchor <ca.pem>', 'a trusted certificate; may be repeated', oneMore, [])
    .option('--disabled <ca.pem>', 'a trusted certificate that is disabled; may be repeated', oneMore, [])
    .option('--at <time>', 'the moment to judge by, as 2027-01-31T12:00:00Z (default: now)')
    .option('--client-id <id>', 'the MQTT client id to hold against the certificate')
    .option('--json', 'print the explanation as JSON')
    .addHelpText('after', EXAMPLES);
  if (needs.cli) withLiveOptions(command);
  return command.action(async (chain: string | undefined, options: ExplainOptions) => {
    const colours = needs.colours ?? coloursWanted();
    if (options.server && needs.cli) {
      const pem = pemForServer(chain, options);
      return pem.granted ? explainLive(command, pem.value, options, needs.cli, colours) : command.error(`error: ${pem.refusal}`, { exitCode: EXPLAIN_EXIT.usage });
    }
    let question: ExplainQuestion;
    try {
      question = questionOf(chain, options, needs.decoder);
    } catch (error) {
      return command.error(`error: ${reasonOf(error)}`, { exitCode: EXPLAIN_EXIT.usage });
    }
    const explanation = needs.explain.explain(question);
    needs.write(options.json ? explanationJson(explanation, question.at) : explanationText(explanation, question.at, colours));
    // The verdict says it all: only the exit code is left to say.
    if (explanation.refusal) command.error('', { exitCode: EXPLAIN_EXIT.refused });
  });
}

const oneMore = (file: string, files: readonly string[]): readonly string[] => [...files, file];

/** Throws a sentence for whoever typed the command. */
function questionOf(chain: string | undefined, { anchor, disabled, at, clientId }: ExplainOptions, decoder: UploadDecoder): ExplainQuestion {
  if (chain === undefined) throw new Error('the file with the chain is missing. Write: fleetgate explain chain.pem --anchor ca.pem');
  if (anchor.length + disabled.length === 0) throw new Error(`no trusted certificate is named. Write: fleetgate explain ${chain} --anchor ca.pem`);
  return {
    chain: chainOf(chain),
    anchors: anchor.flatMap((file) => anchorsOf(file, decoder)),
    ...(disabled.length > 0 && { disabledAnchors: disabled.flatMap((file) => anchorsOf(file, decoder)) }),
    at: at === undefined ? new Date() : timeOf(at),
    ...(clientId !== undefined && { clientId }),
  };
}

/** The file as the server takes it: DER becomes PEM, and a private key stays here. */
function pemForServer(chain: string | undefined, { anchor, disabled }: ExplainOptions): Decision<string, string> {
  try {
    if (chain === undefined) throw new Error('the file with the chain is missing. Write: fleetgate explain chain.pem --server');
    if (anchor.length + disabled.length > 0) throw new Error('--server asks what the server trusts. Leave --anchor and --disabled out, or --server.');
    const pem = (der: Uint8Array): string => `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;
    return grant(chainOf(chain).map(pem).join(''));
  } catch (error) {
    return refuse(reasonOf(error));
  }
}

/**
 * The chain is what a peer sent, perhaps copied out of the output of another tool: text between the blocks is passed over and nothing
 * is judged here, so that the rules of the gate do it.
 */
function chainOf(file: string): readonly Uint8Array[] {
  const bytes = contentOf(file);
  const blocks = pemBlocks(bytes.toString('latin1'), 'CERTIFICATE');
  if (blocks.length > 0) return blocks;
  const sequence = 0x30;
  if (bytes[0] === sequence) return [new Uint8Array(bytes)];
  throw new Error(`${file} holds no certificate: expected are PEM blocks “-----BEGIN CERTIFICATE-----”, or one certificate in DER.`);
}

function anchorsOf(file: string, decoder: UploadDecoder): readonly Uint8Array[] {
  const decoded = decoder.decode(new Uint8Array(contentOf(file)));
  if (!decoded.granted) throw new Error(`${file} is no trusted certificate: ${sentenceOf(decoded.refusal)}`);
  return decoded.value;
}

function contentOf(file: string): Buffer {
  const { size } = statSync(file);
  if (size > MOST_BYTES) throw new Error(`${file} has ${size} bytes, and no file of certificates has more than ${MOST_BYTES}.`);
  return readFileSync(file);
}

function timeOf(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new Error(`--at ${text} is no time. Write it as 2027-01-31T12:00:00Z.`);
  return time;
}

/** See https://no-color.org: any value that is not empty turns colours off. */
const coloursWanted = (): boolean => process.stdout.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
