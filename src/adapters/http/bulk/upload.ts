import type { FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { badRequest, type Problem } from '../problem.ts';

/** An upload that sends nothing for so long is given up. */
const LONGEST_SILENCE_MS = 60_000;

/** Media types of a body that is the file itself. */
export const FILE_TYPES: readonly string[] = [
  'text/csv',
  'text/tab-separated-values',
  'text/plain',
  'application/csv',
  'application/octet-stream',
  'application/vnd.ms-excel',
];

/** The file of the request: the part `file` of a form, or the whole body. Throws a `Problem` when there is none. */
export async function uploadOf(request: FastifyRequest): Promise<Readable> {
  request.raw.setTimeout(LONGEST_SILENCE_MS, () => request.raw.destroy());
  if (!request.isMultipart()) {
    if (!(request.body instanceof Readable)) throw NO_FILE;
    return request.body;
  }
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file' && part.fieldname === 'file') return part.file;
      if (part.type === 'file') throw NO_FILE;
    }
  } catch (error) {
    throw isProblem(error) ? error : BROKEN_FORM;
  }
  throw NO_FILE;
}

/** The bytes of the upload. Throws a `Problem` when they are too many, or break off. */
export async function* bytesOf(upload: Readable, mostBytes: number): AsyncGenerator<Uint8Array, void, void> {
  let total = 0;
  try {
    // Not destroyed when it is left early: that would close the connection before the answer.
    for await (const bytes of upload.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      total += bytes.length;
      if (total > mostBytes) throw tooLarge(mostBytes);
      yield bytes;
    }
  } catch (error) {
    throw isProblem(error) ? error : BROKEN_OFF;
  }
}

/**
 * Reads the rest of the request away after it was answered early: a client that still sends would not see the answer. One that sends on and
 * on is cut off.
 */
export function discardRest({ raw }: FastifyRequest, mostBytes: number): void {
  raw.setTimeout(0);
  if (raw.readableEnded || raw.destroyed) return;
  let discarded = 0;
  raw.unpipe();
  raw.on('error', () => undefined);
  raw.on('data', (bytes: Uint8Array) => {
    discarded += bytes.length;
    if (discarded > mostBytes) raw.destroy();
  });
  raw.resume();
}

/** What is thrown in reading an upload, as against what a store throws. */
export const isProblem = (thrown: unknown): thrown is Problem =>
  typeof thrown === 'object' && thrown !== null && 'status' in thrown && 'error' in thrown;

export const tooLarge = (mostBytes: number): Problem => ({
  status: 413,
  error: 'devicecontrol/Payload Too Large',
  message: `The bulk file is larger than ${mostBytes} bytes, which is the setting FLEETGATE_BULK_MAX_BYTES. Split it.`,
  // What is still to come may be cut off: nobody should send a second request behind it.
  headers: { connection: 'close' },
});

const BROKEN_OFF: Problem = badRequest('The upload broke off before its end. Send the file again: rows that are there already are updated.');

const BROKEN_FORM: Problem = badRequest(
  'The form is not well-formed, or broke off before its file. Send multipart/form-data (RFC 7578) with the boundary that its Content-Type names.',
);

const NO_FILE: Problem = badRequest(
  'The request has no CSV file. Send it as the part named file of multipart/form-data, or as the body with Content-Type: text/csv.',
);
