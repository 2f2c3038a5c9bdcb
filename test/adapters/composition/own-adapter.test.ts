import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import mqtt from 'mqtt';
import type { MessageSink } from '../../../src/ports/driven/message-sink.ts';
import { messageSinkContract } from '../../contracts/message-sink.contract.ts';
import { aDevice, aRoot, temporaryDirectory } from '../../support/pki.ts';
import { api, aRunningGate, ROOT, type RunningGate } from '../../support/running-gate.ts';

/** The code blocks of src/ports/README.md that begin with the name of a file, by that name, without their indentation. */
function filesOfTheReadme(): ReadonlyMap<string, string> {
  const text = readFileSync(join(ROOT, 'src/ports/README.md'), 'utf8');
  const blocks = [...text.matchAll(/^( *)```ts\n([^]*?)^ *```$/gm)].map(([, indent = '', block = '']) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
  return new Map(blocks.map((block) => [/^\/\/ (\S+\.ts)\n/.exec(block)?.[1] ?? 'unnamed', block]));
}

const directory = temporaryDirectory();
afterAll(() => directory.remove());
let gate: RunningGate | undefined;
afterEach(() => gate?.remove());

const files = filesOfTheReadme();
/** The reader's files lie in the checkout; here they lie elsewhere, and find it and inversify by their whole paths. */
const place = (name: string): string => join(directory.path, name);
const inversify = createRequire(join(ROOT, 'package.json')).resolve('inversify');
for (const [name, code] of files) {
  writeFileSync(place(name), code.replaceAll(`'./src/`, `'${join(ROOT, 'src')}/`).replaceAll(`'inversify'`, `'${inversify}'`));
}

messageSinkContract('The FileMessageSink of src/ports/README.md', async () => {
  const { FileMessageSink } = (await import(place('my-sink.ts'))) as { FileMessageSink: new (needs: { file: string }) => MessageSink };
  return { subject: new FileMessageSink({ file: place('contract.jsonl') }), close: async () => undefined };
});

describe('The worked example of src/ports/README.md', () => {
  it('is two files', () => {
    expect([...files.keys()]).toEqual(['my-sink.ts', 'my-sink.module.ts']);
  });

  it('takes the messages of devices into a file, with FLEETGATE_MODULES and without a change to Fleetgate', async () => {
    gate = await aRunningGate({ env: { FLEETGATE_MODULES: place('my-sink.module.ts') } });
    await trustARoot(gate);
    const device = await connected(gate);
    await device.publishAsync('s/us', '211,25', { qos: 1 });
    await device.endAsync();

    const lines = readFileSync(join(gate.dataDir, 'messages.jsonl'), 'utf8').trimEnd().split('\n');
    const payload = Buffer.from('211,25').toString('base64');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([{ tenant: 'main', device: 'press-7', topic: 's/us', payload }]);
  });

  it('is used as its own text says', () => {
    const text = readFileSync(join(ROOT, 'src/ports/README.md'), 'utf8');
    expect(text).toContain('FLEETGATE_MODULES=./my-sink.module.ts npm start');
    expect(text).toContain('test/contracts/message-sink.contract.ts');
  });
});

async function trustARoot(running: RunningGate): Promise<void> {
  const { certificatePem } = await aRoot();
  const answer = await api(running, '/tenant/tenants/main/trusted-certificates', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'works', status: 'ENABLED', autoRegistrationEnabled: true, certInPemFormat: certificatePem }),
  });
  expect(answer.status).toBe(201);
}

async function connected(running: RunningGate): Promise<mqtt.MqttClient> {
  const { path, keyPem } = await aDevice();
  return mqtt.connectAsync({
    ...{ protocol: 'mqtts', host: '127.0.0.1', port: running.mqtts[0]!, servername: 'localhost' },
    ca: readFileSync(running.caFile),
    cert: path.map(({ certificatePem }) => certificatePem).join(''),
    ...{ key: keyPem, clientId: 'press-7', reconnectPeriod: 0 },
  });
}
