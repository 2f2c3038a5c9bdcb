/** Run as a process of its own, with a certificate file and a key file: prints the names of each certificate it comes to show, until its input ends. */
import { FileServerCredentials } from '../../../src/adapters/credentials/file-server-credentials.ts';
import { FileKeySeal } from '../../../src/adapters/signing/file-key-seal.ts';

const [certFile = '', keyFile = ''] = process.argv.slice(2);
const quiet = (): void => undefined;
const credentials = await FileServerCredentials.open({
  files: { certFile, keyFile },
  seal: new FileKeySeal({}),
  clock: { now: () => new Date() },
  log: { info: quiet, warn: quiet, error: quiet },
  times: { pollMs: 3_600_000, settleMs: 0 }, // so that only the signal can be the reason
});
const print = ({ names }: { readonly names: readonly string[] }): void => void process.stdout.write(`${names.join(' ')}\n`);
print(credentials.current());
credentials.onChange(print);
process.stdin.resume();
process.stdin.on('end', () => credentials.close());
