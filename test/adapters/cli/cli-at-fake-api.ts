import { afterEach } from '@jest/globals';
import { fakeApi, type Answer, type Asked, type FakeApi } from './fake-api.ts';
import { runCli, type Ran, type RunOptions } from './run-cli.ts';

/** Command lines of the operator `t1/ada`, and the API that they reach. */
export interface CliAtFakeApi {
  /** From now on the API answers so, and was asked nothing yet. */
  answering(answers: (asked: Asked) => Answer | 'hang' | 'reset'): Promise<void>;
  /** Where no API answers, nobody is reached. */
  run(line: readonly string[], options?: RunOptions): Promise<Ran>;
  /** What tells a command line of it. */
  access(): Readonly<Record<string, string>>;
  api(): FakeApi;
  /** `GET /path?query` of each request. */
  requestLines(): readonly string[];
  /** The same, in a pair with the JSON that was sent where there was some. */
  asked(): readonly unknown[];
}

/** For the tests of one file or group: each begins without an API. */
export function cliAtFakeApi(): CliAtFakeApi {
  let opened: FakeApi | undefined;
  const close = async (): Promise<void> => {
    await opened?.close();
    opened = undefined;
  };
  afterEach(close);
  const api = (): FakeApi => {
    if (opened === undefined) throw new Error('the test did not say what the API answers');
    return opened;
  };
  const access = (): Readonly<Record<string, string>> => ({ FLEETGATE_URL: opened?.url ?? 'http://127.0.0.1:9', FLEETGATE_USER: 't1/ada', FLEETGATE_PASSWORD: 'pw' });
  return {
    answering: async (answers) => {
      await close();
      opened = await fakeApi(answers);
    },
    run: (line, options = {}) => runCli(line, { ...options, env: { ...access(), ...options.env } }),
    access,
    api,
    requestLines: () => api().asked.map(({ what }) => what),
    asked: () => api().asked.map(({ what, body }) => (body === '' ? what : [what, JSON.parse(body) as unknown])),
  };
}
