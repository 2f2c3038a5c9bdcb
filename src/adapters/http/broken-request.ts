import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERROR_MEDIA_TYPE, problemBody, type Problem } from './problem.ts';

const PROBLEMS: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    error: 'general/Request Header Fields Too Large',
    message: 'The headers of the request have more than 64 KiB. Send fewer or shorter ones.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    error: 'general/Request Timeout',
    message: 'The request did not arrive in time. Send it again, faster.',
  },
};

const NOT_HTTP: Problem = {
  status: 400,
  error: 'general/Bad Request',
  message: 'What arrived is not an HTTP/1.1 request. Check for a wrong protocol, a doubled Content-Length or a stray line break.',
};

/** What no route sees because Node could not even read it (R03, R04): answered in the one error format, then closed. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = PROBLEMS[error.code ?? ''] ?? NOT_HTTP;
  const body = problemBody(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nConnection: close\r\nContent-Type: ${ERROR_MEDIA_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
