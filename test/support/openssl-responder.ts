/** An OCSP responder that is `openssl ocsp`, as a server of its own or behind one of ours that can also hang, forge and redirect. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { Issued, OpensslPki } from './openssl-pki.ts';

const run = promisify(execFile);

export interface ResponderWish {
  /** Whose devices it knows. */
  readonly ca: Issued;
  /** Who signs; the CA itself unless given. */
  readonly signer?: Issued;
  /** Further options of `openssl ocsp`; an answer counts for a minute unless these say otherwise. */
  readonly options?: readonly string[];
}

export class OpensslResponder {
  readonly #pki: OpensslPki;
  readonly #wish: Required<ResponderWish>;
  readonly #index: string;
  readonly #lines = new Map<string, string>();
  readonly #servers: Server[] = [];
  readonly #children: ChildProcess[] = [];

  constructor(pki: OpensslPki, { ca, signer = ca, options = ['-nmin', '1'] }: ResponderWish) {
    this.#pki = pki;
    this.#wish = { ca, signer, options };
    this.#index = pki.newFile('ocsp-index.txt');
    writeFileSync(this.#index, '');
    writeFileSync(`${this.#index}.attr`, 'unique_subject = no\n');
  }

  /** What it says of a certificate from now on; of all others `unknown`. */
  says(status: 'good' | 'revoked', ...certificates: readonly Issued[]): void {
    for (const { pem, subject } of certificates) {
      const { serialNumber } = new X509Certificate(pem);
      const revoked = status === 'revoked' ? `${digits(-60_000)},keyCompromise` : '';
      this.#lines.set(serialNumber, [status === 'revoked' ? 'R' : 'V', digits(86_400_000), revoked, serialNumber, 'unknown', subject].join('\t'));
    }
    // A new file: openssl tells one from the other by the second of the change, and by the inode.
    writeFileSync(`${this.#index}.new`, [...this.#lines.values(), ''].join('\n'));
    renameSync(`${this.#index}.new`, this.#index);
  }

  /** The answer to a request: what `openssl ocsp` makes of it. */
  async answerTo(request: Uint8Array): Promise<Buffer> {
    const [question, answer] = [this.#pki.newFile('request.der'), this.#pki.newFile('response.der')];
    writeFileSync(question, request);
    await run('openssl', [...this.#options(), '-reqin', question, '-respout', answer]);
    return readFileSync(answer);
  }

  /** A server on loopback; `answer` takes the place of what openssl says. Resolves with its URL. */
  async serves(answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void | Promise<void> = async (_request, response, body) => void response.end(await this.answerTo(body))): Promise<string> {
    const listener: RequestListener = (request, response) => void buffer(request).then((body) => answer(request, response, body)).catch((error: unknown) => response.destroy(error as Error));
    const server = createServer(listener);
    this.#servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  /** `openssl ocsp` as a server of its own. Resolves with its URL. */
  async listens(): Promise<string> {
    const child = spawn('openssl', [...this.#options(), '-port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.push(child);
    let said = '';
    for await (const chunk of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
      said += chunk;
      const port = /^ACCEPT .*:(\d+)/m.exec(said)?.[1];
      if (port) return `http://127.0.0.1:${port}/`;
    }
    throw new Error(`openssl ocsp does not listen: ${said}`);
  }

  async close(): Promise<void> {
    for (const server of this.#servers.splice(0)) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
    for (const child of this.#children.splice(0)) {
      const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
      child.kill('SIGKILL');
      await gone;
    }
  }

  #options(): readonly string[] {
    const { ca, signer, options } = this.#wish;
    return ['ocsp', '-index', this.#index, '-CA', ca.file, '-rsigner', signer.file, '-rkey', signer.keyFile, ...options];
  }
}

/** `YYMMDDHHMMSSZ`, so many milliseconds from now. */
const digits = (ms: number): string => new Date(Date.now() + ms).toISOString().replace(/^..|[-:T]|\.\d+/g, '');
