import { describe, expect, it } from '@jest/globals';
import { cliAtFakeApi } from './cli-at-fake-api.ts';
import type { Answer, Asked } from './fake-api.ts';
import type { Ran } from './run-cli.ts';

const RULE = { fingerprint: 'ab', urls: ['http://ocsp/x'], hard: true, acceptHours: 1, refuseHours: 24 };
const SOFT = { ...RULE, hard: false };
const PATH = '/fleetgate/ocsp-rules/ab';
const MODE = 'GET /tenant/options/fleetgate/check.ocsp';
const ANSWER = { fingerprint: 'ab', certificate: 'cd', serialNumber: '01', status: 'unanswered', nextQuestion: '2027-01-01T00:00:00.000Z' };
const HARD_TEXT = 'Asked are http://ocsp/x.\nHard: a device without an answer is refused. An answer counts as new for 1 hours after its end, and lets devices in with a warning until 24 hours after it.\n';

describe('fleetgate ocsp', () => {
  const { answering, asked, ...cli } = cliAtFakeApi();
  const run = async (answers: (asked: Asked) => Answer, ...line: readonly string[]): Promise<Ran> => {
    await answering(answers);
    return cli.run(['ocsp', ...line]);
  };
  const ruling = (rule: object, mode = 'enforce') => ({ what }: Asked): Answer => ({ body: what === MODE ? { value: mode } : rule });

  it('rule shows what is asked', async () => {
    expect((await run(ruling(RULE), 'rule', 'ab')).out).toBe(HARD_TEXT);
    expect(asked()).toEqual([`GET ${PATH}`]);
    expect((await run(ruling(SOFT), 'rule', 'ab')).out).toBe('Asked are http://ocsp/x.\nSoft: a device without an answer is let in, and that is recorded. What is revoked is refused.\n');
  });

  it('rule changes what is given and leaves the rest', async () => {
    await run(ruling(RULE), 'rule', 'ab', '--soft', '--refuse-hours', '9');
    expect(asked()).toEqual([`GET ${PATH}`, [`PUT ${PATH}`, { urls: ['http://ocsp/x'], hard: false, acceptHours: 1, refuseHours: 9 }], MODE]);
    await run(ruling(SOFT), 'rule', 'ab', '--hard', '--accept-hours', '0', '--ask-at', 'http://a', 'https://b');
    expect(asked()[1]).toEqual([`PUT ${PATH}`, { urls: ['http://a', 'https://b'], hard: true, acceptHours: 0, refuseHours: 24 }]);
  });

  it.each([
    ['off', /Nobody is asked yet: check\.ocsp is off.*check\.ocsp report\n$/],
    ['report', /It refuses nobody yet.*check\.ocsp enforce\n$/],
    ['enforce', /What is revoked is refused\.\n$/],
  ])('rule makes a new one of responders, and says what is still to be done where the check is %s', async (mode, text) => {
    const answers = (asked: Asked): Answer => (asked.what === `GET ${PATH}` ? { status: 404, body: { error: 'certificate/Not Found', message: 'none' } } : ruling(SOFT, mode)(asked));
    const ran = await run(answers, 'rule', 'ab', '--ask-at', 'http://ocsp/x');
    expect([ran.exit, ran.out, asked()[1]]).toEqual([0, expect.stringMatching(text), [`PUT ${PATH}`, { urls: ['http://ocsp/x'] }]]);
    expect((await run(answers, 'rule', 'ab', '--hard')).exit).not.toBe(0);
  });

  it('rule takes it back, and does not take both', async () => {
    expect([(await run(() => ({ status: 204 }), 'rule', 'ab', '--none')).out, asked()]).toEqual(['Responders of this CA are not asked.\n', [`DELETE ${PATH}`]]);
    for (const line of [['--none', '--hard'], ['--hard', '--soft']]) expect([(await run(() => ({}), 'rule', 'ab', ...line)).exit, asked()]).toEqual([2, []]);
  });

  it('rules prints a table', async () => {
    const ran = await run(() => ({ body: { ocspRules: [RULE, SOFT] } }), 'rules');
    expect(ran.out.split('\n')).toEqual([expect.stringMatching(/^CA +RULE +ASKED$/), expect.stringMatching(/^ab +hard +http:\/\/ocsp\/x$/), expect.stringMatching(/^ab +soft /), '']);
  });

  it('show says what is known, whatever servers put into it, and ask asks first', async () => {
    const answer = { ...ANSWER, status: 'revoked', reason: 'keyCompromise', from: 'http://\u001b/', freshUntil: '2026-12-01T00:00:00.000Z', problem: 'ocsp.not-asked' };
    const ran = await run(() => ({ body: { ocspAnswers: [ANSWER, answer] } }), 'show', '4a:01');
    expect(ran.out).toBe(
      'Certificate cd below CA ab: unanswered.\n  It is asked about again after 2027-01-01T00:00:00.000Z.\n' +
        'Certificate cd below CA ab: revoked (keyCompromise).\n  http://\\x1b/ said so; it counts as new until 2026-12-01T00:00:00.000Z.\n  The last question brought nothing: ocsp.not-asked.\n  It is asked about again after 2027-01-01T00:00:00.000Z.\n',
    );
    expect(asked()).toEqual(['GET /fleetgate/ocsp-answers/4a%3A01']);
    await run(() => ({ body: { ocspAnswers: [ANSWER] } }), 'ask', '4a:01');
    expect(asked()).toEqual([['POST /fleetgate/ocsp-answers/4a%3A01/ask', {}]]);
  });
});
