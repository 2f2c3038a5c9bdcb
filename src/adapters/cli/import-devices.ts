import { open } from 'node:fs/promises';
import { grant, refuse } from '../../domain/shared/decision.ts';
import { type AdminAction, type CommonOptions, type Said } from './admin-command.ts';
import type { Upload } from './api-client.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { printable } from './printable.ts';
import { ProgressBar } from './progress-bar.ts';
import { reasonOf } from './reason-of.ts';

interface BulkResult {
  readonly numberOfAll: number;
  readonly numberOfCreated: number;
  readonly numberOfFailed: number;
  readonly numberOfSuccessful: number;
  readonly failedCreationList: readonly { readonly deviceId: string; readonly failureReason: string }[];
}

interface ImportOptions extends CommonOptions {
  readonly allFailures?: true;
}

/** Failed rows that are printed where not all are asked for. */
const FAILURES_SHOWN = 20;

export const importAction = (needs: CliNeeds): AdminAction<ImportOptions> => ({
  name: 'import',
  about: 'register the devices of a CSV file; devices that are there already are updated',
  arguments: [['<file>', 'CSV in UTF-8 with the columns ID and AUTH_TYPE (CERTIFICATES), - for standard input']],
  examples: ['devices import fleet.csv', 'devices import - --json < fleet.csv', 'devices import fleet.csv --all-failures > failed.txt'],
  as: 'own',
  options: (command) => command.option('--all-failures', `print every failed row (default: the first ${FAILURES_SHOWN})`),
  run: async (api, { args: [file = ''], options }) => {
    const opened = await openFile(file, needs);
    if (!opened.granted) return opened;
    const bar = new ProgressBar({ draw: needs.isTerminal ? needs.writeError : undefined, total: opened.value.length });
    const upload = { ...opened.value, bytes: watched(opened.value.bytes, bar) };
    const interrupted = (): never => {
      needs.writeError('\nInterrupted. Some rows are registered by now. To import the whole file again does no harm: they are updated.\n');
      process.exit(130); // as a shell ends what Ctrl-C ended
    };
    process.once('SIGINT', interrupted);
    const answer = await api.upload('/devicecontrol/bulkNewDeviceRequests', upload).finally(() => {
      process.off('SIGINT', interrupted);
      bar.clear();
    });
    return answer.granted ? report(answer.value, options.allFailures === true) : answer;
  },
});

async function openFile(file: string, { input }: CliNeeds): Promise<Outcome<Upload>> {
  if (file === '-') return grant({ type: 'text/csv', bytes: input });
  try {
    const handle = await open(file);
    const stat = await handle.stat();
    if (stat.isDirectory()) {
      await handle.close();
      return fail(EXIT.usage, `'${file}' is a directory. Name the CSV file in it.`);
    }
    const bytes = handle.createReadStream() as AsyncIterable<Uint8Array>;
    // A pipe, as in `import <(make-csv)`, has a size of 0 and bytes all the same.
    return grant({ type: 'text/csv', bytes, ...(stat.isFile() && { length: stat.size }) });
  } catch (error) {
    return refuse({ exit: EXIT.usage, message: `The file cannot be read: ${reasonOf(error)}.` });
  }
}

async function* watched(bytes: AsyncIterable<Uint8Array>, bar: ProgressBar): AsyncGenerator<Uint8Array, void, void> {
  let done = 0;
  for await (const chunk of bytes) {
    yield chunk;
    bar.show((done += chunk.length));
  }
}

function report(answer: unknown, allFailures: boolean): Outcome<Said> {
  const result = answer as BulkResult | null;
  if (!Array.isArray(result?.failedCreationList)) {
    return fail(EXIT.failed, 'The server did not say what became of the rows. Check the devices: fleetgate devices list.');
  }
  const { numberOfAll: all, numberOfCreated: created, numberOfFailed: failed, numberOfSuccessful: taken, failedCreationList: list } = result;
  const shown = allFailures ? list : list.slice(0, FAILURES_SHOWN);
  const hidden = list.length - shown.length;
  return grant({
    json: result,
    text: [
      `${all} rows: ${created} registered, ${taken - created} updated, ${failed} failed.`,
      ...shown.map(({ deviceId, failureReason }) => printable(`${failureReason}${deviceId === '' ? '' : ` (ID ${deviceId})`}`)),
      ...(hidden > 0 ? [`… and ${hidden} more: --all-failures prints them, --json too.`] : []),
    ],
    isFailure: failed > 0,
  });
}
