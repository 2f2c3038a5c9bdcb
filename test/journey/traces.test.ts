/** Connects and tokens as traces at a collector, and what becomes of devices where the collector hangs, refuses, or is not there. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { describeWith, enter, itWith, knock, run, tokenOf, type Call } from '../support/clients.ts';
import { belowRoot, OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { anOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts';

describeWith('openssl')('traces', () => {
  const pki = new OpensslPki();
  afterAll(() => pki.remove());
  let root: Issued;
  beforeAll(() => {
    root = pki.root('/CN=Works Root');
  });
  let gate: OperatedGate;
  const aGate = async (env: Readonly<Record<string, string>> = {}): Promise<OperatedGate> => {
    gate = await anOperatedGate({ env });
    await gate.main.trusts(root);
    return gate;
  };
  const call = (leaf: Issued): Call => ({
    ...{ port: gate.mqtts[0]!, caFile: gate.caFile, certFile: pki.chainFile(belowRoot(leaf).chain), keyFile: leaf.keyFile },
    ...{ clientId: leaf.subject.replace('/CN=', ''), version: 5 as const },
  });
  const spans = async (outcome: string): Promise<number> => {
    const text = await (await fetch(`http://localhost:${gate.http}/metrics`)).text();
    return Number(new RegExp(`^fleetgate_spans_total\\{outcome="${outcome}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  };

  describe('at a collector', () => {
    let collector: OtlpReceiver;
    beforeAll(async () => {
      collector = await anOtlpReceiver();
      await aGate({ FLEETGATE_OTLP_ENDPOINT: collector.url });
    });
    afterAll(async () => {
      await gate?.remove();
      await collector?.close();
    });
    const ofTenant = (device: string) => ({ 'fleetgate.tenant': 'main', 'fleetgate.device': device });

    it('have an admitted device from the handshake to CONNACK, step by step, and its token, under the id that the log has', async () => {
      const { client } = await enter(call(pki.device(root, '/CN=press-7')));
      const jwt = await tokenOf({ client });
      const [top, ...steps] = await collector.traceOf('connect', { 'fleetgate.device': 'press-7' });
      const line = await gate.logged('"device.admitted"');
      expect(top.attributes).toEqual({ ...ofTenant('press-7'), 'fleetgate.outcome': 'admitted', 'fleetgate.connection': line['connection'] });
      expect(line['connection']).toMatch(/^[0-9a-f-]{36}$/);
      expect(top.parent).toBeUndefined();
      const inOrder = steps.toSorted((a, b) => a.from - b.from).map(({ name }) => name);
      const first = [...new Set(inOrder)];
      const wanted = ['tls.handshake', 'chain.read', 'path.find-anchors', 'path.verify-signature', 'tenant.find', 'checks.options', 'checks.revocations', 'registration.find-device', 'registration.register', 'session.open', 'connack'];
      expect(first.filter((name) => wanted.includes(name))).toEqual(wanted);
      for (const { parent, from, to, name } of steps) expect([name, parent, from >= top.from, from <= to, to <= top.to]).toEqual([name, top.id, true, true, true]);

      const [token, ...signing] = await collector.traceOf('token', ofTenant('press-7'));
      expect(token.attributes).toEqual({ ...ofTenant('press-7'), 'fleetgate.outcome': 'issued', 'fleetgate.connection': line['connection'] });
      expect(signing.map(({ name }) => name)).toContain('token.sign');
      expect(token.trace).not.toBe(top.trace);

      await client.endAsync();
      expect((await gate.logged('"ending":"connection.left"'))['connection']).toBe(line['connection']);
      expect(collector.resource).toEqual(expect.objectContaining({ 'service.name': 'fleetgate' }));
      const all = collector.bodies.join('\n');
      for (const secret of [jwt, jwt.split('.')[2]!, '127.0.0.1', gate.password, 'BEGIN CERTIFICATE']) expect([secret, all.includes(secret)]).toEqual([secret, false]);
    });

    it('have a refused device with the code of its refusal, and no step after it', async () => {
      const stranger = pki.device(pki.root('/CN=Strange Root'), '/CN=press-8');
      expect((await knock(call(stranger))).code).toBe(0x87);
      const [top, ...steps] = await collector.traceOf('connect', { 'fleetgate.outcome': 'refused' });
      const line = await gate.logged('"device.refused"');
      expect(top.attributes).toEqual({ 'fleetgate.outcome': 'refused', 'fleetgate.refusal': 'tenant.no-anchor-found', 'fleetgate.connection': line['connection'] });
      expect(new Set(steps.map(({ name }) => name))).toEqual(new Set(['tls.handshake', 'chain.read', 'path.find-anchors', 'connack']));
      expect(top.isBroken).toBe(false);
    });

    itWith('curl')('take up the traceparent of a token request over HTTP where it is well-formed, and no other', async () => {
      const leaf = pki.device(root, '/CN=press-9');
      const ask = async (traceparent: string): Promise<string> => {
        const identity = ['--cert', pki.chainFile(belowRoot(leaf).chain), '--key', leaf.keyFile, '--header', `traceparent: ${traceparent}`];
        const { out } = await run('curl', ['--silent', '--cacert', gate.caFile, ...identity, '--request', 'POST', '--header', 'Accept: application/json', '--write-out', '%{http_code}', '--output', '/dev/null', `https://localhost:${gate.mtls}/devicecontrol/deviceAccessToken`]);
        return out;
      };
      const [trace, parent] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
      // The last of them says that the caller keeps no trace: that is its own matter.
      const good = [`00-${trace}-${parent}-01`, `00-${trace}-${parent}-00`];
      const bad = [`00-${trace}-${parent}-01-more`, `ff-${trace}-${parent}-01`, `00-${'0'.repeat(32)}-${parent}-01`, `00-${trace.toUpperCase()}-${parent}-01`, `00-${trace}-${parent}`, 'x'.repeat(5_000)];
      for (const header of [...good, ...bad]) expect([header, await ask(header)]).toEqual([header, '200']);
      const tops = (): typeof collector.spans => collector.spans.filter(({ name }) => name === 'token by certificate');
      for (let asked = collector.requests; tops().length < good.length + bad.length; asked = collector.requests) await collector.asked(asked + 1);
      expect(tops().slice(0, 2).map((span) => [span.trace, span.parent])).toEqual([[trace, parent], [trace, parent]]);
      for (const span of tops().slice(2)) expect([span.trace === trace, span.parent]).toEqual([false, undefined]);
      for (const { attributes } of tops()) expect(attributes).toEqual({ ...ofTenant('press-9'), 'fleetgate.outcome': 'issued', 'fleetgate.connection': expect.stringMatching(/^[0-9a-f-]{36}$/) });
    });

    it('are counted, none is lost, and the last of them are sent before the end', async () => {
      expect([await spans('failed'), await spans('dropped')]).toEqual([0, 0]);
      expect(await spans('sent')).toBeGreaterThan(20);
      await (await enter(call(pki.device(root, '/CN=press-10')))).client.endAsync();
      gate.process.kill('SIGTERM');
      expect(await gate.ended).toEqual({ code: 0, signal: null });
      expect(collector.spans.filter(({ attributes }) => attributes['fleetgate.device'] === 'press-10').map(({ name }) => name)).toEqual(['connect']);
    });
  });

  describe('where the collector is out of order', () => {
    let collector: OtlpReceiver;
    beforeEach(async () => {
      collector = await anOtlpReceiver();
    });
    afterEach(async () => {
      await gate?.remove();
      await collector.close();
    });

    it('slow nobody down: one that hangs keeps neither devices nor the end waiting', async () => {
      collector.answer = 'silence';
      await aGate({ FLEETGATE_OTLP_ENDPOINT: collector.url });
      const leaf = pki.device(root, '/CN=press-7');
      await (await enter(call(leaf))).client.endAsync();
      await collector.asked(1);
      const since = performance.now();
      for (let i = 0; i < 5; i += 1) {
        const { client } = await enter(call(leaf));
        await tokenOf({ client });
        await client.endAsync();
      }
      expect(performance.now() - since).toBeLessThan(4_000); // a batch is given up after 5 s
      const ending = performance.now();
      gate.process.kill('SIGTERM');
      expect(await gate.ended).toEqual({ code: 0, signal: null });
      expect(performance.now() - ending).toBeLessThan(5_000);
      expect((await gate.logged('The collector did not take the last traces'))['spans']).toBeGreaterThan(20);
    });

    it('tell it once, count what is lost, and come again when the collector does', async () => {
      collector.answer = 400; // which, unlike 503, is not tried again
      await aGate({ FLEETGATE_OTLP_ENDPOINT: collector.url });
      const leaf = pki.device(root, '/CN=press-7');
      for (let i = 0; i < 2; i += 1) {
        const before = collector.requests;
        await (await enter(call(leaf))).client.endAsync();
        await collector.asked(before + 1);
      }
      await gate.logged('does not take traces');
      expect(gate.log.filter(({ msg }) => msg.includes('does not take traces'))).toHaveLength(1);
      expect(await spans('failed')).toBeGreaterThan(10);
      collector.answer = 200;
      await (await enter(call(leaf))).client.endAsync();
      await collector.traceOf('connect', { 'fleetgate.device': 'press-7' });
      await gate.logged('The collector takes traces again.');
    });

    it('are not missed where there is no collector at all', async () => {
      await collector.close();
      await aGate({ FLEETGATE_OTLP_ENDPOINT: collector.url });
      const { client } = await enter(call(pki.device(root, '/CN=press-7')));
      expect((await tokenOf({ client })).split('.')).toHaveLength(3);
      await client.endAsync();
      gate.process.kill('SIGTERM');
      expect(await gate.ended).toEqual({ code: 0, signal: null });
      collector = await anOtlpReceiver(); // for afterEach
    });
  });

  it('are off as it comes, and then nothing of OpenTelemetry is loaded', async () => {
    const telling = `import { registerHooks } from 'node:module'; registerHooks({ load: (url, context, next) => (process._rawDebug(url), next(url, context)) });`;
    await aGate({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(telling)}` });
    try {
      await (await enter(call(pki.device(root, '/CN=press-7')))).client.endAsync();
      expect([gate.output().includes('node_modules/inversify/'), gate.output().includes('opentelemetry')]).toEqual([true, false]);
      expect([await spans('sent'), await spans('failed'), await spans('dropped')]).toEqual([0, 0, 0]);
    } finally {
      await gate.remove();
    }
  });
});
