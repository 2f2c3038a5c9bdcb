import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { Agent, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { BulkAnswer, RegistrationDesk } from '../../../src/ports/driving/registration-desk.ts';
import { BulkSeats } from '../../../src/adapters/http/bulk/bulk-seats.ts';
import type { TenantId } from '../../../src/domain/trust/tenant.ts';
import { aTenantId } from '../../support/certificate-builders.ts';
import { itWith } from '../../support/clients.ts';
import { until } from '../../support/until.ts';
import { AUTHORIZATION, openBulkServer, type BulkServer, type BulkServerOptions } from './bulk-server.ts';

let server: BulkServer | undefined;
const open = async (options?: BulkServerOptions): Promise<BulkServer> => (server = await openBulkServer(options));
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const form = (csv: string | Uint8Array<ArrayBuffer>, name = 'file'): FormData => {
  const data = new FormData();
  data.append('comment', 'a field that nobody reads');
  data.append(name, new Blob([csv], { type: 'text/csv' }), 'devices.csv');
  return data;
};

type Body = RequestInit['body'];

const send = (body: Body, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(server!.url, { method: 'POST', headers: { authorization: AUTHORIZATION, ...headers }, body, duplex: 'half' } as RequestInit);

const sendRaw = (body: Body): Promise<Response> => send(body, { 'content-type': 'text/csv' });

const TWO = 'ID;AUTH_TYPE;CREDENTIALS;NAME\na;CERTIFICATES;;Press\nb;CERTIFICATES;;\n';
const devices = (): string[] => [...(server!.state.devices.get('t1')?.keys() ?? [])];
const rows = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, i) => `CERTIFICATES,device-${from + i}\n`).join('');

describe('POST /devicecontrol/bulkNewDeviceRequests', () => {
  it.each([['as part `file` of a form', () => send(form(TWO))], ['as the body', () => sendRaw(TWO)]])(
    'registers the devices of a file that comes %s, and answers 201 with the figures first',
    async (_how, post) => {
      await open();
      const response = await post();
      expect(response.status).toBe(201);
      expect(response.headers.get('content-type')).toContain('application/json');
      const text = await response.text();
      expect(Number(response.headers.get('content-length'))).toBe(Buffer.byteLength(text));
      expect(text).toBe(
        '{"numberOfAll":2,"numberOfCreated":2,"numberOfFailed":0,"numberOfSuccessful":2,' +
          '"credentialUpdatedList":[{"bulkNewDeviceStatus":"CREDENTIAL_UPDATED","deviceId":"a"},{"bulkNewDeviceStatus":"CREDENTIAL_UPDATED","deviceId":"b"}],' +
          '"failedCreationList":[]}',
      );
      expect(devices()).toEqual(['a', 'b']);
    },
  );

  it('C04 counts devices that were there already as successful, not as created', async () => {
    await open();
    await send(form(TWO));
    expect(await (await send(form(`${TWO}c;CERTIFICATES;;\n`))).json()).toMatchObject({
      numberOfAll: 3, numberOfCreated: 1, numberOfFailed: 0, numberOfSuccessful: 3,
    });
  });

  it('C02 tells for each failed row its line, its code and what to do, and never its credentials', async () => {
    await open();
    const csv = `${TWO}a;CERTIFICATES;;\nc;CERTIFICATES;hunter2;\nd;BASIC;hunter2;\ne"é;CERTIFICATES;;\n`;
    const text = await (await send(form(csv))).text();
    const result = JSON.parse(text);
    expect(result).toMatchObject({ numberOfAll: 6, numberOfCreated: 2, numberOfFailed: 4, numberOfSuccessful: 2 });
    expect(result.failedCreationList.map((each: Record<string, unknown>) => [each['lineNumber'], each['deviceId'], each['code']])).toEqual([
      [4, 'a', 'bulk.duplicate-id'],
      [5, 'c', 'bulk.credentials-given'],
      [6, 'd', 'bulk.auth-type'],
      [7, '', 'bulk.bad-quoting'],
    ]);
    expect(result.failedCreationList[0]).toEqual({
      bulkNewDeviceStatus: 'FAILED',
      deviceId: 'a',
      failureReason:
        'Line 4: bulk.duplicate-id: required is that an id stands once in a file (C04); found: first line 2, second line 4. Delete one of the two rows that the evidence names.',
      line: "DeviceInfo{id='a', credentials='***', tenant='t1'}",
      lineNumber: 4,
      code: 'bulk.duplicate-id',
    });
    expect(text).not.toContain('hunter2');
  });

  it('C08 reserves no id by a password: a row that asks for one fails, and what is there by certificate stays as it is', async () => {
    await open();
    await send(form(TWO));
    const before = structuredClone(server!.state.devices.get('t1'));
    const result = (await (await send(form('ID;AUTH_TYPE;CREDENTIALS;NAME\na;BASIC;hunter2;Stolen\nz;BASIC;hunter2;\ny;;hunter2;\n'))).json()) as { failedCreationList: { deviceId: string; code: string }[] };
    expect(result.failedCreationList.map(({ deviceId, code }) => [deviceId, code])).toEqual([['a', 'bulk.auth-type'], ['z', 'bulk.auth-type'], ['y', 'bulk.auth-type']]);
    expect([devices(), server!.state.devices.get('t1')]).toEqual([['a', 'b'], before]);
    expect(await (await send(form('ID;AUTH_TYPE\nz;CERTIFICATES\n'))).json()).toMatchObject({ numberOfCreated: 1 });
  });

  it('R08 C07 registers each device of a file once that comes twice at the same time', async () => {
    await open();
    const file = `AUTH_TYPE,ID\n${rows(300)}`;
    const results = (await Promise.all([sendRaw(file), sendRaw(file)].map(async (answer) => (await answer).json()))) as { numberOfCreated: number; numberOfSuccessful: number }[];
    expect(results.map(({ numberOfSuccessful }) => numberOfSuccessful)).toEqual([300, 300]);
    expect([results.reduce((sum, { numberOfCreated }) => sum + numberOfCreated, 0), devices().length]).toEqual([300, 300]);
  });

  it.each([
    ['C01 has a header and no rows', 'ID;AUTH_TYPE\n', 422, 'bulk.empty', /^CSV file contained empty dataset$/],
    ['C01 has no bytes', '', 422, 'bulk.empty', /^CSV file contained empty dataset$/],
    ['C01 has no column ID', 'NAME;AUTH_TYPE\na;b\n', 422, 'bulk.header', /found: columns 'NAME' 'AUTH_TYPE'\. Correct the header line\./],
    ['C01 is no UTF-8', Buffer.from('ID;Stra\xdfe\na;b\n', 'latin1'), 422, 'bulk.not-utf-8', /Save the file as UTF-8\./],
  ])('refuses a file as a whole when it %s', async (_why, csv, status, code, message) => {
    await open();
    // Once more than a tenant has seats: each was given back.
    for (const response of [await send(form(csv)), await sendRaw(csv), await sendRaw(csv)]) {
      expect(response.status).toBe(status);
      const problem = (await response.json()) as { message: string; details: unknown };
      expect(problem).toMatchObject({ message: expect.stringMatching(message), details: { code } });
    }
  });

  it.each([
    ['the file is in a part of another name', () => send(form(TWO, 'upload')), 'Send it as the part named file'],
    ['the form has no file', () => send(new FormData()), 'Send it as the part named file'],
    ['there is no body', () => send(undefined), 'Send it as the part named file'],
    ['the body is JSON', () => send('{}', { 'content-type': 'application/json' }), 'Send it as the part named file'],
    ['the form is not well-formed', () => send('x', { 'content-type': 'multipart/form-data; boundary=b' }), 'The form is not well-formed'],
    ['the form names no boundary', () => send('x', { 'content-type': 'multipart/form-data' }), 'The form is not well-formed'],
  ])('says how to send the file when %s', async (_why, post, message) => {
    await open();
    const response = await post();
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining(message) });
    expect(devices()).toEqual([]);
  });

  it.each([['t1/reader', 403], ['nobody', 401]])('is closed to %s', async (login, status) => {
    await open();
    expect((await send(form(TWO), { authorization: `Basic ${btoa(`${login}:x`)}` })).status).toBe(status);
    expect(devices()).toEqual([]);
  });

  it('keeps the connection for the next request where a body is refused that is a little larger than a file may be', async () => {
    await open({ bulkMaxBytes: 1_000_000 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const post = async (type: string, body: string): Promise<readonly unknown[]> => {
      const asking = request(server!.url, { agent, method: 'POST', headers: { authorization: AUTHORIZATION, 'content-type': type, 'content-length': body.length } });
      asking.end(body);
      const [response] = (await once(asking, 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'end');
      return [response.statusCode, response.headers.connection];
    };
    for (let i = 0; i < 5; i += 1) {
      expect(await post('multipart/form-data', ' '.repeat(1_060_000))).toEqual([400, 'keep-alive']);
      expect(await post('text/csv', TWO)).toEqual([201, 'keep-alive']);
    }
    expect(await post('text/csv', 'x'.repeat(1_070_000))).toEqual([413, 'close']);
    expect(await post('text/csv', TWO)).toEqual([201, 'keep-alive']);
    agent.destroy();
  });

  it('sends no body to a client that names no media type it accepts', async () => {
    await open();
    const post = request(server!.url, { method: 'POST', headers: { authorization: AUTHORIZATION, 'content-type': 'text/csv' } });
    post.end(TWO);
    const [response] = await once(post, 'response');
    expect([response.statusCode, await response.toArray()]).toEqual([201, []]);
    expect(devices()).toEqual(['a', 'b']);
  });

  it('answers the next request on the same connection, after a file that was refused too', async () => {
    await open();
    for (const csv of [`NAME\n${'x\n'.repeat(400_000)}`, TWO]) await (await send(form(csv))).text();
    expect(devices()).toEqual(['a', 'b']);
  });
});

describe('A bulk file that is too large', () => {
  it('is refused by its length before any of it is read', async () => {
    await open({ bulkMaxBytes: 1000 });
    const response = await sendRaw(`ID;AUTH_TYPE\n${'x'.repeat(200_000)}`);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining('1000 bytes, which is the setting FLEETGATE_BULK_MAX_BYTES') });
  });

  it('is refused where it goes too far when it names no length, and says which rows are done', async () => {
    await open({ bulkMaxBytes: 400_000 });
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('AUTH_TYPE,ID\n');
      for (let i = 0; i < 20_000; i += 1000) yield Buffer.from(rows(1000, i));
    }
    const response = await sendRaw(ReadableStream.from(endless()));
    expect(response.status).toBe(413);
    const { message, details } = (await response.json()) as { message: string; details: { lastLine: number } };
    expect(message).toContain(`The rows up to line ${details.lastLine} are done; to send them again does no harm.`);
    expect(devices()).toHaveLength(details.lastLine - 1);
    expect(details.lastLine % 500).toBe(1);
  });

  it('may have exactly as many bytes as are allowed', async () => {
    await open({ bulkMaxBytes: TWO.length });
    expect((await send(form(TWO))).status).toBe(201);
    expect((await send(form(`${TWO}\n`))).status).toBe(413);
  });
});

/** Tells when a bulk registration has ended, however it did. */
function observed(): { readonly around: (desk: RegistrationDesk) => RegistrationDesk; readonly ended: Promise<void>; readonly began: Promise<void> } {
  const [began, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  async function* watch(answers: AsyncIterable<BulkAnswer>): AsyncGenerator<BulkAnswer> {
    try {
      for await (const answer of answers) {
        began.resolve();
        yield answer;
      }
    } finally {
      ended.resolve();
    }
  }
  const around = (desk: RegistrationDesk): RegistrationDesk => ({
    register: (tenant, given, by) => watch(desk.register(tenant, given, by)),
  });
  return { around, began: began.promise, ended: ended.promise };
}

const HEADERS = `POST /devicecontrol/bulkNewDeviceRequests HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nAuthorization: ${AUTHORIZATION}\r\n`;

describe('C06 a connection that is cut in the middle of the upload', () => {
  const csv = `AUTH_TYPE,ID\n${rows(5000)}CERTIFICATES,device-cut`; // a last line that would pass for a whole row

  it.each([
    ['body', `${HEADERS}Content-Type: text/csv\r\nContent-Length: 10000000\r\n\r\n${csv}`],
    [
      'chunked body',
      `${HEADERS}Content-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n${csv.length.toString(16)}\r\n${csv}\r\n`,
    ],
    [
      'form',
      `${HEADERS}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 10000000\r\n\r\n` +
        `--b\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\nContent-Type: text/csv\r\n\r\n${csv}`,
    ],
  ])('leaves whole rows only, nothing on disk, and is safe to repeat: %s', async (_form, bytes) => {
    const { around, began, ended } = observed();
    await open({ around });
    const socket = connect(server!.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(bytes);
    await began;
    socket.destroy();
    await ended;
    const there = devices();
    expect(there.length % 500).toBe(0);
    expect(there).toEqual(Array.from({ length: there.length }, (_, i) => `device-${i}`));
    expect(await server!.spooled()).toEqual([]);
    const again = (await (await sendRaw(`AUTH_TYPE,ID\n${rows(5000)}`)).json()) as Record<string, number>;
    expect(again).toMatchObject({ numberOfAll: 5000, numberOfCreated: 5000 - there.length, numberOfFailed: 0, numberOfSuccessful: 5000 });
  });

  it('is a broken file when the form ends without its last boundary', async () => {
    await open();
    const body = `--b\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\nID,AUTH_TYPE\na,CERTIFICATES\nb,CERTIFICATES`;
    const response = await send(body, { 'content-type': 'multipart/form-data; boundary=b' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining('broke off before its end') });
    expect(devices()).toEqual([]);
  });
});

/** Files of a spool that are open in this process; they have no name any more. Linux only. */
const openSpools = (): number => {
  const linkOf = (fd: string): string => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  };
  return readdirSync('/proc/self/fd').map(linkOf).filter((link) => link.includes('fleetgate-bulk-')).length;
};

describe('The spool of a result', () => {
  itWith('linux')('is closed when the client does not read the answer to its end', async () => {
    await open();
    const post = request(server!.url, { method: 'POST', headers: { authorization: AUTHORIZATION, accept: '*/*', 'content-type': 'text/csv' } });
    post.on('error', () => undefined);
    post.end(`AUTH_TYPE,ID\n${rows(100_000)}`);
    const [response] = await once(post, 'response');
    expect(openSpools()).toBe(2);
    expect(await server!.spooled()).toEqual([]);
    response.destroy();
    await until('the spools are closed', () => openSpools() === 0);
  });

  itWith('linux')('is closed when the store is out of order, and the seat is free again', async () => {
    let broken = true;
    await open({
      around: (desk) => ({
        ...observed().around(desk),
        register: (tenant, given, by) => {
          if (broken) throw new Error('disk full');
          return desk.register(tenant, given, by);
        },
      }),
    });
    for (let i = 0; i < 5; i += 1) expect((await send(form(TWO))).status).toBe(503);
    expect(openSpools()).toBe(0);
    broken = false;
    expect((await send(form(TWO))).status).toBe(201);
  });
});

describe('Bulk registrations at once', () => {
  it('have four seats, two of a tenant, and none is given back twice', () => {
    const seats = new BulkSeats();
    const [a, b, c] = ['a', 'b', 'c'].map(aTenantId) as [TenantId, TenantId, TenantId];
    const taken = [a, a, a, b, b, c].map((tenant) => seats.take(tenant));
    expect(taken.map((leave) => leave !== undefined)).toEqual([true, true, false, true, true, false]);
    taken[0]!();
    taken[0]!();
    expect([seats.take(c), seats.take(a)].map((leave) => leave !== undefined)).toEqual([true, false]);
  });

  it('are two of a tenant, and the third is told to wait', async () => {
    const { around, began } = observed();
    await open({ around });
    const gate = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`AUTH_TYPE,ID\n${rows(10_000)}`);
      await gate.promise;
    }
    const running = [1, 2].map(() => sendRaw(ReadableStream.from(slow())));
    await began;
    let third = await send(form(TWO));
    while (third.status === 201) third = await send(form(TWO)); // the second may not have arrived yet
    expect(third.status).toBe(429);
    expect(third.headers.get('retry-after')).toBe('30');
    expect((await send(form(TWO), { authorization: `Basic ${btoa('t2/admin:x')}` })).status).toBe(201);
    gate.resolve();
    for (const response of await Promise.all(running)) expect((await response.text()).length).toBeGreaterThan(0);
    expect((await send(form(TWO))).status).toBe(201);
  });
});
