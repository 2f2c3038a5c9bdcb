import { operation, type Answer } from '../openapi/operation.ts';
import { record } from '../openapi/schemas.ts';
import type { Routes } from '../route-needs.ts';
import { sendProblem } from '../problem.ts';

/** How long the stores may take to answer until the instance counts as not ready. */
const PATIENCE_MS = 2000;

const UP: Answer = { is: 'It is.', body: { title: 'Health', ...record({ status: { type: 'string', enum: ['UP'] } }) } };
const ofHealth = operation({ tag: 'Instance', summary: 'Is the process alive?', answers: { 200: UP } });
const ofReady = operation({ tag: 'Instance', summary: 'Do the stores answer within two seconds?', answers: { 200: UP } });

/** `/health`: the process is alive, restart it if not. `/ready`: the stores answer, send it traffic if so. */
export const healthRoutes: Routes = async (app, { epoch, log }) => {
  app.get('/health', ofHealth, async () => ({ status: 'UP' }));
  app.get('/ready', ofReady, async (_request, reply) => {
    try {
      await inTime(epoch.current());
      return { status: 'UP' };
    } catch (error) {
      log.warn({ error: error instanceof Error ? error.message : String(error) }, 'not ready: the store does not answer');
      return sendProblem(reply, {
        status: 503,
        error: 'general/Service Unavailable',
        message: 'The store does not answer. The log of the server says more.',
        headers: { 'retry-after': '5' },
      });
    }
  });
};

async function inTime<T>(promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
