import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A TLS 1.3 client that asks for new keys `count` times, each when the one before was sent. Resolves when it has; `end` closes it. */
export async function floodWithKeyUpdates(port: number, count: number): Promise<{ end(): Promise<void> }> {
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_3', '-enable_pha'], { stdio: 'pipe' });
  const closed = once(child, 'close');
  child.stdin.on('error', () => undefined);
  let told = '';
  let sent = 0;
  await new Promise<void>((resolve, reject) => {
    closed.then(() => reject(new Error(`the client was closed after ${sent} key updates: ${told.slice(-300)}`)), reject);
    const hear = (chunk: Buffer): void => {
      told += chunk.toString('latin1');
      const isNext = sent === 0 ? /(^|\n)ok/.test(told) : told.includes('KEYUPDATE');
      if (!isNext) return;
      told = '';
      if (sent === count) return resolve();
      sent += 1;
      child.stdin.write('K\n'); // ours, and we ask for the server's
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
  });
  return {
    end: async () => {
      child.stdin.end('Q\n');
      await closed;
    },
  };
}

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
