import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const NAME = 'FLEETGATE_SINK_CA_FILE';
const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The PEM text of a file with one or more CA certificates.
 * @throws a sentence for the operator: Node passes over what it cannot read, and the operator would wonder why nobody is trusted
 */
export async function readSinkCa(file: string): Promise<string> {
  const complain = (what: string): Error => new Error(`${NAME}: the file ${file} ${what}`);
  const text = await readFile(file, 'utf8').catch((error: Error) => Promise.reject(complain(`cannot be read (${error.message}).`)));
  const blocks = text.match(BLOCK) ?? [];
  if (blocks.length === 0) throw complain('holds no certificate; expected are CA certificates in PEM.');
  try {
    for (const block of blocks) new X509Certificate(block);
  } catch (error) {
    throw complain(`holds a certificate that cannot be read (${(error as Error).message}).`);
  }
  return blocks.join('\n');
}
