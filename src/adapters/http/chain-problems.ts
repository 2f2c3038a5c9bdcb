import type { ToldRefusal } from '../../domain/explanations/refusal-detail.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { sendProblem, type Problem } from './problem.ts';
import { problemOf } from './problems.ts';
import type { FastifyReply } from 'fastify';

type Told = Pick<Problem, 'status' | 'error' | 'message'>;

const UNREADABLE: Told = { status: 400, error: 'Device Certificates/Bad Request', message: 'Cannot parse X509 certificate. : Incomplete data' };
const INVALID_CHAIN: Told = { status: 401, error: 'security/Unauthorized', message: 'Invalid certificate chain!' };
const SWITCHED_OFF: Told = { status: 404, error: 'Not Found', message: 'This feature is disabled, please contact system administrator.' };
const NOT_REGISTERED: Told = {
  status: 422,
  error: 'Auto registeration is failed for device/Unprocessable Entity', // the word is the platform's
  message: 'Cannot process certificate data.',
};
const INVALID_DATA: Told = { status: 422, error: 'Invalid Data', message: 'Cannot process certificate data.' };

/** The answers of the compatible API to a chain, letter for letter (wire-contract §3.4), with the refusal in `details`. */
export function chainProblemOf(refusal: Refusal): Problem {
  const problem = problemOf(refusal);
  return problem.status === 503 ? problem : { ...problem, ...toldOf(refusal.code) };
}

/** The same to a device, with no more of it than its tenant lets it hear. */
export const sendChainRefusal = (reply: FastifyReply, refusal: ToldRefusal): FastifyReply => sendProblem(reply, less(chainProblemOf(refusal), refusal));

function less({ details, ...problem }: Problem, { code, told }: ToldRefusal): Problem {
  if (told === 'none' || !details) return problem;
  return { ...problem, details: told === 'code' ? { code } : details };
}

function toldOf(code: Refusal['code']): Told {
  if (code === 'token.switched-off') return SWITCHED_OFF;
  if (code === 'registration.not-registered') return NOT_REGISTERED;
  switch (code.split('.', 1)[0]) {
    case 'chain':
    case 'anchor': // what is no certificate at all is refused in the words of an upload
      return UNREADABLE;
    case 'identity':
      return INVALID_DATA;
    default:
      return INVALID_CHAIN;
  }
}
