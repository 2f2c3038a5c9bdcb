import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { humanLine } from '../../../src/adapters/system/human-line.ts';
import { LineOutput } from '../../../src/adapters/system/line-output.ts';
import { openLogOutput } from '../../../src/adapters/system/log-output.ts';
import { PinoAuditLog } from '../../../src/adapters/system/pino-audit-log.ts';
import { PinoLog } from '../../../src/adapters/system/pino-log.ts';
import { auditLogContract, EVENTS } from '../../contracts/audit-log.contract.ts';
import { itWith } from '../../support/clients.ts';
import { keyBlock } from '../../support/key-armour.ts';

const toMemory = (level = 'info') => {
  const lines: string[] = [];
  return { lines, logger: pino({ level, base: null }, { write: (line: string) => void lines.push(line.trimEnd()) }) };
};

auditLogContract('PinoAuditLog', () => {
  const { lines, logger } = toMemory();
  return { subject: new PinoAuditLog({ logger }), lines: () => lines };
});

describe('PinoAuditLog', () => {
  it('writes at every level but silent', () => {
    for (const [level, count] of [['debug', 1], ['error', 1], ['silent', 0]] as const) {
      const { lines, logger } = toMemory(level);
      new PinoAuditLog({ logger }).record(EVENTS[0]!);
      expect([level, lines.length]).toEqual([level, count]);
    }
  });

  it.each([
    [EVENTS[0]!, 'Device press-7 of tenant main was admitted and registered.'],
    [EVENTS[2]!, 'Device press-7 of tenant main got a token.'],
    [EVENTS[3]!, 'Device press-7 of tenant main got no token: token.switched-off.'],
    [EVENTS[4]!, 'anchor.changed: CN=Root of tenant main, by admin; 3 sessions ended.'],
    [EVENTS[5]!, 'keys.rotated: new-kid of tenant management, by admin.'],
    [EVENTS[6]!, 'device.blocked: press-7 of tenant main, by main/admin; 1 session ended; reason: stolen.'],
  ])('says in a sentence what happened: %j', (event, sentence) => {
    const { lines, logger } = toMemory();
    new PinoAuditLog({ logger }).record(event);
    expect(JSON.parse(lines[0]!).msg).toBe(sentence);
  });
});

describe('PinoLog', () => {
  const logged = (facts: object, sentence = 'x'): Record<string, unknown> => {
    const { lines, logger } = toMemory();
    new PinoLog({ logger }).info(facts, sentence);
    return JSON.parse(lines[0]!);
  };

  it('writes facts as members and the sentence as msg, by level', () => {
    const { lines, logger } = toMemory('warn');
    const log = new PinoLog({ logger });
    log.info({}, 'not this');
    log.warn({ port: 8883 }, 'one');
    log.error({ tries: [1, 2] }, 'two');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 40, port: 8883, msg: 'one' }),
      expect.objectContaining({ level: 50, tries: [1, 2], msg: 'two' }),
    ]);
  });

  it.each(['password', 'Password', 'passwordHash', 'token', 'accessToken', 'jwt', 'Authorization', 'cookie', 'privateKey', 'keyPem', 'secret', 'xsrfToken'])(
    'never writes a member named %s, however deep',
    (name) => {
      expect(logged({ [name]: 'hunter2', in: [{ [name]: { x: 'hunter2' } }] })).toMatchObject({ [name]: '[redacted]', in: [{ [name]: '[redacted]' }] });
    },
  );

  it('J12 writes no token and no private key in a sentence or an error either', () => {
    const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJkZXZpY2VfMSJ9.c2lnbmF0dXJlLXBhcnQ';
    const pem = keyBlock('MIGHAgEAMBMGByqGSM49');
    const line = JSON.stringify(logged({ error: new Error(`read ${pem}`, { cause: new Error(jwt) }) }, `got ${jwt}, then ${pem.slice(0, 40)}`));
    expect(line).not.toMatch(/eyJ|MIGH/);
    expect(line).toContain('got [redacted], then [redacted]');
  });

  it('writes what an error was, its code, its cause and where it came from', () => {
    const error = Object.assign(new Error('listen failed', { cause: new TypeError('deeper') }), { code: 'EADDRINUSE' });
    expect(logged({ error })).toMatchObject({
      error: { type: 'Error', message: 'listen failed', code: 'EADDRINUSE', cause: { type: 'TypeError', message: 'deeper' }, stack: expect.arrayContaining([expect.stringMatching(/^at /)]) },
    });
    expect(logged(new Error('bare'))).toMatchObject({ error: { message: 'bare' } });
  });

  it('writes values of every kind, bounded', () => {
    const circle: Record<string, unknown> = { size: 12n, at: new Date(0), never: new Date(NaN), bytes: new Uint8Array(7), run: () => 1, nothing: null, text: 'x'.repeat(5_000) };
    circle['self'] = circle;
    circle['list'] = Array.from({ length: 1_000 }, (_, i) => i);
    const line = logged(circle);
    expect(line).toMatchObject({ size: '12', at: '1970-01-01T00:00:00.000Z', never: 'no time', bytes: '7 bytes', nothing: null });
    expect(JSON.stringify(line).length).toBeLessThan(20_000);
    expect(logged({ a: { b: { c: { d: { e: 'too deep' } } } } })).toMatchObject({ a: { b: { c: { d: '…' } } } });
    expect(logged({ a: { b: { c: { d: 'deep' } } } })).toMatchObject({ a: { b: { c: { d: 'deep' } } } });
  });

  it('never throws', () => {
    const { logger } = toMemory();
    expect(() => new PinoLog({ logger }).info({ get x() { throw new Error('no'); } }, 'x')).not.toThrow();
  });
});

describe('The output for people', () => {
  it('is one line with time, level, sentence and facts', () => {
    const time = new Date(2026, 10, 24, 9, 5, 7).toISOString();
    expect(humanLine(JSON.stringify({ level: 'warn', time, port: 8883, who: 'a b', msg: 'The port is taken.' }))).toBe(
      '09:05:07 warn  The port is taken. port=8883 who="a b"\n',
    );
    expect(humanLine(JSON.stringify({ level: 'error', time, error: { message: 'no disk', stack: ['at x'] }, cause: null, msg: 'It ends.' }))).toBe(
      '09:05:07 error It ends. error="no disk" cause=null\n',
    );
    expect(humanLine(JSON.stringify({ level: 'info', time, msg: 'Ready.' }))).toBe('09:05:07 Ready.\n');
  });
});

describe('The output', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'fleetgate-log-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has everything on disk after a flush, in order, as JSON with time and level in words', async () => {
    const file = openSync(join(folder, 'log'), 'w');
    const { logger, flush } = openLogOutput({ level: 'info', to: file });
    for (let i = 0; i < 1_000; i++) new PinoLog({ logger }).info({ i }, 'a line');
    await flush();
    closeSync(file);
    const lines = readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
    expect(lines.map(({ i }) => i)).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
    expect(lines[999]).toEqual({ level: 'info', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), i: 999, msg: 'a line' });
  });

  it('holds at most 8 MB for an output that is slow, loses whole lines beyond it, and takes lines again when it has caught up', async () => {
    const file = openSync(join(folder, 'log'), 'w');
    const lines = new LineOutput({ to: file });
    const line = `${'x'.repeat(1023)}\n`;
    for (let i = 0; i < 10_000; i++) lines.write(line); // one turn of the event loop: nothing can be written meanwhile
    await lines.flush();
    for (let i = 0; i < 100; i++) lines.write('later\n');
    await lines.flush();
    closeSync(file);
    const written = readFileSync(join(folder, 'log'), 'utf8');
    expect(written.split(line)).toHaveLength(8 * 1024 + 1);
    expect(written.split('later\n')).toHaveLength(101);
  });

  it('F29 says how many lines were lost when it takes lines again', async () => {
    const file = openSync(join(folder, 'log'), 'w');
    const { logger, flush } = openLogOutput({ level: 'info', to: file });
    for (let i = 0; i < 10_000; i++) logger.info({ pad: 'x'.repeat(1000) }, 'many');
    await flush();
    await flush();
    closeSync(file);
    const lines = readFileSync(join(folder, 'log'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
    const { level, lost } = lines.at(-1);
    expect([level, lost + lines.length - 1]).toEqual(['warn', 10_000]);
  });

  it('has nothing to wait for where nothing was written', async () => {
    await openLogOutput({ level: 'info', to: 2 }).flush();
  });

  itWith('/dev/full')('F29 goes on, and can be flushed, when the disk is full', async () => {
    const full = openSync('/dev/full', 'w');
    const { logger, flush } = openLogOutput({ level: 'info', to: full });
    for (let i = 0; i < 100; i++) {
      logger.info({ i }, 'lost');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await flush();
    closeSync(full);
  });

  const source = new URL('../../../src/adapters/system/log-output.ts', import.meta.url).href;
  const programThatLogs = `
    const { openLogOutput } = await import(${JSON.stringify(source)});
    const { logger, flush } = openLogOutput({ level: 'info' });
    for (let i = 0; i < 20_000; i++) logger.info({ pad: 'x'.repeat(1000) }, 'nobody reads this');
    process.stderr.write(String(process.memoryUsage().rss < 500_000_000));
    process.stdin.once('data', async () => { logger.info({}, 'one more'); await flush(); process.exit(7); });
  `;

  it.each([
    ['nobody reads it', () => undefined],
    ['its reader has gone', (reader: Readable) => void reader.destroy()],
  ])('F29 neither ends, blocks nor fills the memory of the program when %s', async (_what, then) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', programThatLogs], { stdio: ['pipe', 'pipe', 'pipe'] });
    const tooLong = setTimeout(() => child.kill('SIGKILL'), 20_000);
    child.stdout.pause();
    const [said] = (await once(child.stderr, 'data')) as [Buffer];
    expect(said.toString()).toBe('true');
    then(child.stdout);
    child.stdin.on('error', () => undefined);
    child.stdin.write('now\n');
    const [code] = await once(child, 'exit');
    clearTimeout(tooLong);
    child.stdout.destroy();
    expect(code).toBe(7);
  });
});
