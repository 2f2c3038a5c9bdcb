import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs `openssl s_client` against a port on loopback, types `input`, and resolves when it has ended. */
export async function sClient(port: number, options: readonly string[], input = ''): Promise<{ stdout: string; stderr: string; code: number | null }> {
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...options], { stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('latin1');
    // The greeting of the listeners, which comes when everything else has been printed.
    if (/(^|\n)ok/.test(stdout) && child.stdin.writable) child.stdin.end(input);
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('latin1')));
  child.stdin.on('error', () => undefined);
  const [code] = (await once(child, 'close')) as [number | null];
  return { stdout, stderr, code };
}
