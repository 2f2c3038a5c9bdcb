import { operation, type Answer } from '../openapi/operation.ts';
import { record } from '../openapi/schemas.ts';
import { whatIsUnready } from '../readiness.ts';
import type { Routes } from '../route-needs.ts';
import { sendProblem } from '../problem.ts';

const UP: Answer = { is: 'It is.', body: { title: 'Health', ...record({ status: { type: 'string', enum: ['UP'] } }) } };
const ofHealth = operation({ tag: 'Instance', summary: 'Is the process alive?', answers: { 200: UP } });
const ofReady = operation({ tag: 'Instance', summary: 'Do the stores answer within two seconds, are there keys, is the clock set, are changes made elsewhere followed?', answers: { 200: UP } });

/** `/health`: the process is alive, restart it if not. `/ready`: it can do its work, send it traffic if so. */
export const healthRoutes: Routes = async (app, needs) => {
  app.get('/health', ofHealth, async () => ({ status: 'UP' }));
  app.get('/ready', ofReady, async (_request, reply) => {
    const missing = await whatIsUnready(needs);
    if (missing.length === 0) return { status: 'UP' };
    needs.log.warn({ missing: missing.map(({ what, why }) => `${what}: ${why}`) }, `not ready: ${missing.map(({ what }) => what).join(', ')}`);
    return sendProblem(reply, {
      status: 503,
      error: 'general/Service Unavailable',
      message: missing.map(({ remedy }) => remedy).join(' '),
      headers: { 'retry-after': '5' },
    });
  });
};
