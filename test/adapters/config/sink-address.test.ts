import { describe, expect, it } from '@jest/globals';
import { parseSettings, problemsText } from '../../../src/adapters/config/parse-settings.ts';
import { aSinkAddress, aStreamName } from '../../../src/adapters/config/sink-address.ts';

const SECRET = { FLEETGATE_SINK_SECRET_FILE: '/run/secrets/sink' };

describe('FLEETGATE_SINK', () => {
  it.each([
    ['log', { kind: 'log', withPayload: false }],
    ['log:payload', { kind: 'log', withPayload: true }],
    ['off', { kind: 'off' }],
    ['https://example.com/in', { kind: 'webhook', url: 'https://example.com/in' }],
    ['https://example.com:8443/in?key=1', { kind: 'webhook', url: 'https://example.com:8443/in?key=1' }],
    ['http://localhost:3000/in', { kind: 'webhook', url: 'http://localhost:3000/in' }],
    ['http://127.0.0.1/in', { kind: 'webhook', url: 'http://127.0.0.1/in' }],
    ['http://[::1]:1/in', { kind: 'webhook', url: 'http://[::1]:1/in' }],
    ['nats://127.0.0.1:4222', { kind: 'nats', servers: ['nats://127.0.0.1:4222'] }],
    ['tls://a.example.com, tls://b.example.com:4223/', { kind: 'nats', servers: ['tls://a.example.com', 'tls://b.example.com:4223'] }],
  ])('takes %s', (text, value) => expect(aSinkAddress.parse(text)).toEqual({ value }));

  it.each([
    ['http://example.com/in', 'messages would cross a network in clear'],
    ['http://127.0.0.1.example.com/in', 'this is no loopback address'],
    ['https://ada:secret@example.com/in', 'a password in a URL is seen by everybody'],
    ['https://example.com/in#secret', 'a fragment is never sent'],
    ['nats://ada:secret@127.0.0.1', 'a password in a URL is seen by everybody'],
    ['nats://a,tls://b', 'encrypted or not, but not by chance'],
    ['nats://a/stream', 'the stream has a setting of its own'],
    ['nats://', 'no server'],
    ['ftp://example.com', 'no such sink'],
    ['syslog', 'no such sink'],
    ['LOG', 'names are as they are written'],
  ])('does not take %s: %s', (text) => expect(aSinkAddress.parse(text)).toBeUndefined());

  it('says what was expected, and nothing that stands behind a question mark or before an @', () => {
    const parsed = parseSettings({ FLEETGATE_SINK: 'http://ada:hidden@example.com/in?key=hidden2#hidden3' });
    const text = parsed.granted ? '' : problemsText(parsed.refusal);
    expect(text).toMatch(/FLEETGATE_SINK.*example\.com.*expected is log, log:payload, off, a webhook such as https:/s);
    expect(text).not.toMatch(/hidden/);
  });

  it('that is a webhook needs the file with its secret, and says how to make one', () => {
    const parsed = parseSettings({ FLEETGATE_SINK: 'https://example.com/in' });
    expect(parsed.granted ? '' : problemsText(parsed.refusal)).toMatch(/FLEETGATE_SINK_SECRET_FILE: is missing although FLEETGATE_SINK is a webhook.*openssl rand -base64 32/s);
    expect(parseSettings({ FLEETGATE_SINK: 'https://example.com/in', ...SECRET }).granted).toBe(true);
    expect(parseSettings({ FLEETGATE_SINK: 'nats://127.0.0.1' }).granted).toBe(true);
  });

  it.each([['devices'], ['A-b_9'], ['x'.repeat(64)]])('takes %s for the name of a stream', (text) => expect(aStreamName.parse(text)).toEqual({ value: text }));
  it.each([['a.b'], ['a b'], ['*'], ['>'], ['x'.repeat(65)], ['']])('does not take %j for the name of a stream', (text) => expect(aStreamName.parse(text)).toBeUndefined());
});
