import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseSettings, problemsText, type Environment } from '../../../src/adapters/config/parse-settings.ts';
import { parsePathTemplate } from '../../../src/domain/access/path-template.ts';
import { settingsTable } from '../../../src/adapters/config/settings-table.ts';

const settingsFrom = (environment: Environment) => {
  const decision = parseSettings(environment);
  if (!decision.granted) throw new Error(problemsText(decision.refusal));
  return decision.value;
};

const problemsOf = (environment: Environment) => {
  const decision = parseSettings(environment);
  return decision.granted ? [] : decision.refusal;
};

describe('settings', () => {
  it('REQ-1 need nothing to be set: every one has a safe default', () => {
    const { settings, warnings } = settingsFrom({ PATH: '/bin', HOME: '/root' });
    expect(warnings).toEqual([]);
    expect(settings).toEqual({
      dataDir: resolve('data'),
      workers: 1,
      bind: expect.stringMatching(/^(::|0\.0\.0\.0)$/),
      mqttTlsPorts: [1884, 8883],
      httpsPort: 4443,
      mtlsPort: 8443,
      httpPort: 8080,
      serverNames: ['localhost'],
      databaseUrl: `sqlite:${join(resolve('data'), 'fleetgate.sqlite')}`,
      sharedTrust: false,
      fetchFromNeighbours: true,
      sink: { kind: 'log', withPayload: false },
      sinkQueueBytes: 256 * 1024 * 1024,
      tokenAlgorithm: 'ES256',
      bulkMaxBytes: 512 * 1024 * 1024,
      forwardPaths: [],
      handshakesInFlight: 32,
      ...{ connections: 20_000, connectionsPerAddress: 10_000, sessionsPerTenant: 15_000, connectsPerTenant: 500, judgementsPerTenant: 64, newDevicesPerTenant: 100_000, tokensPerDevice: 300, packetsPerSecond: 1_000 },
      handshakesPerAddress: 16,
      handshakeTimeoutMs: 10_000,
      connectTimeoutMs: 10_000,
      shutdownGraceMs: 10_000,
      logLevel: 'info',
      ...{ metrics: 'loopback', loopAlarmMs: 200 },
      modules: [],
      firstTenant: { tenant: 'main', domain: 'localhost', adminUser: 'admin' },
    });
    // Absent, not present and undefined: what is off cannot be listened on by mistake.
    for (const name of ['mqttTcpPort', 'publicUrl', 'tlsCert', 'tlsKey']) expect(settings).not.toHaveProperty(name);
  });

  it.each<[string, string, string, unknown]>([
    ['FLEETGATE_DATA_DIR', '/srv/gate', 'dataDir', '/srv/gate'],
    ['FLEETGATE_BIND', '127.0.0.1', 'bind', '127.0.0.1'],
    ['FLEETGATE_BIND', '::1', 'bind', '::1'],
    ['FLEETGATE_MQTT_TLS_PORTS', '0', 'mqttTlsPorts', [0]],
    ['FLEETGATE_MQTT_TLS_PORTS', ' 1884 , 9883 ', 'mqttTlsPorts', [1884, 9883]],
    ['FLEETGATE_MQTT_TLS_PORTS', 'off', 'mqttTlsPorts', []],
    ['FLEETGATE_MQTT_TCP_PORT', '1883', 'mqttTcpPort', 1883],
    ['FLEETGATE_HTTPS_PORT', 'off', 'httpsPort', undefined],
    ['FLEETGATE_MTLS_PORT', '65535', 'mtlsPort', 65535],
    ['FLEETGATE_HTTP_PORT', '0', 'httpPort', 0],
    ['FLEETGATE_PUBLIC_URL', 'https://gate.example.com:4443/', 'publicUrl', 'https://gate.example.com:4443'],
    ['FLEETGATE_PUBLIC_URL', 'http://gate/base//', 'publicUrl', 'http://gate/base'],
    ['FLEETGATE_SERVER_NAMES', 'gate.example.com, 10.0.0.7,::1', 'serverNames', ['gate.example.com', '10.0.0.7', '::1']],
    ['FLEETGATE_DATABASE_URL', 'memory:', 'databaseUrl', 'memory:'],
    ['FLEETGATE_DATABASE_URL', 'sqlite::memory:', 'databaseUrl', 'memory:'],
    ['FLEETGATE_DATABASE_URL', 'postgres://gate@db/gate', 'databaseUrl', 'postgres://gate@db/gate'],
    ['FLEETGATE_DATABASE_URL', 'sqlite:/srv/gate.db', 'databaseUrl', 'sqlite:/srv/gate.db'],
    ['FLEETGATE_SHARED_TRUST', 'ON', 'sharedTrust', true],
    ['FLEETGATE_SHARED_TRUST', 'false', 'sharedTrust', false],
    ['FLEETGATE_TOKEN_ALGORITHM', 'eddsa', 'tokenAlgorithm', 'EdDSA'],
    ['FLEETGATE_BULK_MAX_BYTES', '1024', 'bulkMaxBytes', 1024],
    ['FLEETGATE_BULK_MAX_BYTES', '64 GB', 'bulkMaxBytes', 64 * 1024 ** 3],
    ['FLEETGATE_BULK_MAX_BYTES', '2m', 'bulkMaxBytes', 2 * 1024 ** 2],
    ['FLEETGATE_FORWARD_PATHS', ' /files/{tenant}/{device}/** , /me', 'forwardPaths', [parsePathTemplate('/files/{tenant}/{device}/**'), parsePathTemplate('/me')]],
    ['FLEETGATE_HANDSHAKES_IN_FLIGHT', '4096', 'handshakesInFlight', 4096],
    ['FLEETGATE_CONNECTIONS', '1', 'connections', 1],
    ['FLEETGATE_SESSIONS_PER_TENANT', 'off', 'sessionsPerTenant', Infinity],
    ['FLEETGATE_HANDSHAKES_PER_ADDRESS', '1', 'handshakesPerAddress', 1],
    ['FLEETGATE_HANDSHAKE_TIMEOUT_MS', '100', 'handshakeTimeoutMs', 100],
    ['FLEETGATE_CONNECT_TIMEOUT_MS', '120000', 'connectTimeoutMs', 120_000],
    ['FLEETGATE_SHUTDOWN_GRACE_MS', '0', 'shutdownGraceMs', 0],
    ['FLEETGATE_LOG_LEVEL', 'Warn', 'logLevel', 'warn'],
    ['FLEETGATE_MODULES', 'a.ts,/b.ts', 'modules', [resolve('a.ts'), '/b.ts']],
  ])('%s=%s is taken', (name, text, key, expected) => {
    const { settings, warnings } = settingsFrom({ [name]: text });
    expect(settings[key as keyof typeof settings]).toEqual(expected);
    expect(warnings).toEqual([]);
  });

  it('of the first start are put together', () => {
    const { settings } = settingsFrom({
      FLEETGATE_TENANT: 'acme',
      FLEETGATE_TENANT_DOMAIN: 'Acme.Example.COM',
      FLEETGATE_ADMIN_USER: 'ops@acme',
      FLEETGATE_ADMIN_PASSWORD: 'correct horse',
    });
    expect(settings.firstTenant).toEqual({ tenant: 'acme', domain: 'acme.example.com', adminUser: 'ops@acme', adminPassword: 'correct horse' });
  });

  it('keep the database in the data directory that was chosen', () => {
    expect(settingsFrom({ FLEETGATE_DATA_DIR: '/srv/gate' }).settings.databaseUrl).toBe('sqlite:/srv/gate/fleetgate.sqlite');
  });

  it('count as absent when they are blank, as compose files leave them', () => {
    const blank = Object.fromEntries(settingsTable.map(({ name }) => [name, '  ']));
    expect(settingsFrom(blank)).toEqual(settingsFrom({}));
  });

  it.each([
    ['FLEETGATE_MQTT_TLS_PORTS', '1884,65536'],
    ['FLEETGATE_MQTT_TLS_PORTS', '1884;8883'],
    ['FLEETGATE_MQTT_TLS_PORTS', ','],
    ['FLEETGATE_MQTT_TCP_PORT', '-1'],
    ['FLEETGATE_HTTPS_PORT', '4443.5'],
    ['FLEETGATE_HTTP_PORT', '0x50'],
    ['FLEETGATE_MTLS_PORT', 'on'],
    ['FLEETGATE_BIND', 'http://localhost'],
    ['FLEETGATE_PUBLIC_URL', 'gate.example.com'],
    ['FLEETGATE_PUBLIC_URL', 'ftp://gate.example.com'],
    ['FLEETGATE_PUBLIC_URL', 'https://user:word@gate.example.com'],
    ['FLEETGATE_PUBLIC_URL', 'https://gate.example.com/?x=1'],
    ['FLEETGATE_SERVER_NAMES', 'gate example'],
    ['FLEETGATE_SERVER_NAMES', 'https://gate'],
    ['FLEETGATE_DATABASE_URL', 'mysql://db/gate'],
    ['FLEETGATE_DATABASE_URL', 'sqlite:'],
    ['FLEETGATE_SHARED_TRUST', 'perhaps'],
    ['FLEETGATE_TOKEN_ALGORITHM', 'HS256'],
    ['FLEETGATE_TOKEN_ALGORITHM', 'none'],
    ['FLEETGATE_BULK_MAX_BYTES', '1023'],
    ['FLEETGATE_BULK_MAX_BYTES', '65 GB'],
    ['FLEETGATE_BULK_MAX_BYTES', 'lots'],
    ['FLEETGATE_HANDSHAKES_IN_FLIGHT', '0'],
    ['FLEETGATE_HANDSHAKES_PER_ADDRESS', '4097'],
    ['FLEETGATE_HANDSHAKE_TIMEOUT_MS', '99'],
    ['FLEETGATE_CONNECT_TIMEOUT_MS', '120001'],
    ['FLEETGATE_SHUTDOWN_GRACE_MS', '10s'],
    ['FLEETGATE_LOG_LEVEL', 'loud'],
    ['FLEETGATE_TENANT', 'Main'],
    ['FLEETGATE_TENANT', 'management'],
    ['FLEETGATE_TENANT_DOMAIN', 'https://acme'],
    ['FLEETGATE_ADMIN_USER', 'device_1'],
    ['FLEETGATE_ADMIN_USER', 'a:b'],
  ])('%s=%s is refused with its name, its value and the expected form', (name, text) => {
    const problems = problemsOf({ [name]: text });
    expect(problems.map((problem) => problem.name)).toEqual([name]);
    expect(problems[0]?.sentence).toContain(JSON.stringify(text.replace('user:word', '…')));
    expect(problems[0]?.sentence).toContain(settingsTable.find((row) => row.name === name)?.form);
  });

  it('are all judged at once', () => {
    const problems = problemsOf({ FLEETGATE_HTTP_PORT: 'x', FLEETGATE_LOG_LEVEL: 'y', FLEETGATE_TLS_CERT: '/c.pem' });
    expect(problems.map(({ name }) => name)).toEqual(['FLEETGATE_HTTP_PORT', 'FLEETGATE_LOG_LEVEL', 'FLEETGATE_TLS_KEY']);
    expect(problemsText(problems)).toContain('3 settings are wrong');
    expect(problemsText(problems)).toContain('  FLEETGATE_TLS_KEY: is missing although FLEETGATE_TLS_CERT is set');
  });

  it('never show a secret, not even a wrong one', () => {
    const problems = problemsOf({ FLEETGATE_ADMIN_PASSWORD: 'geheim' });
    expect(problems.map(({ name }) => name)).toEqual(['FLEETGATE_ADMIN_PASSWORD']);
    expect(problemsText(problems)).not.toContain('geheim');
    expect(problemsText(problems)).toContain('8–1024 characters');
  });

  it('show a URL without the password in it', () => {
    const text = problemsText(problemsOf({ FLEETGATE_DATABASE_URL: 'postgre://gate:geheim/@geheim@db/gate', FLEETGATE_PUBLIC_URL: 'https://u:geheim@gate.example.com' }));
    expect(text).not.toContain('geheim');
    expect(text).toContain('FLEETGATE_DATABASE_URL: "postgre://…@db/gate" is not usable; expected is sqlite:<file>, postgres://<user>@<host>:<port>/<database> or memory:.');
  });

  it('show no more than the start of an overlong value', () => {
    expect(problemsText(problemsOf({ FLEETGATE_LOG_LEVEL: 'x'.repeat(100_000) })).length).toBeLessThan(500);
  });

  it.each([
    [{ FLEETGATE_TLS_CERT: '/c.pem' }, 'FLEETGATE_TLS_KEY'],
    [{ FLEETGATE_TLS_KEY: '/k.pem' }, 'FLEETGATE_TLS_CERT'],
    [{ FLEETGATE_HTTP_PORT: '4443' }, 'FLEETGATE_HTTP_PORT'],
    [{ FLEETGATE_MQTT_TLS_PORTS: '8883,8883' }, 'FLEETGATE_MQTT_TLS_PORTS'],
    [{ FLEETGATE_MQTT_TCP_PORT: '1884' }, 'FLEETGATE_MQTT_TCP_PORT'],
  ])('that contradict each other are refused: %j', (environment, name) => {
    expect(problemsOf(environment).map((problem) => problem.name)).toEqual([name]);
  });

  it('may ask for any free port several times', () => {
    expect(problemsOf({ FLEETGATE_MQTT_TLS_PORTS: '0,0', FLEETGATE_HTTP_PORT: '0', FLEETGATE_HTTPS_PORT: '0' })).toEqual([]);
  });

  it.each([
    ['FLEETGATE_DATADIR', 'FLEETGATE_DATA_DIR'],
    ['FLEETGATE_MQTT_TLS_PORT', 'FLEETGATE_MQTT_TLS_PORTS'],
    ['FLEETGATE_HTTP_PROT', 'FLEETGATE_HTTP_PORT'],
  ])('warn of %s and name the nearest one, %s', (wrong, near) => {
    const { warnings } = settingsFrom({ [wrong]: 'x' });
    expect(warnings).toEqual([`${wrong} is no setting of Fleetgate and has no effect; did you mean ${near}?`]);
  });

  it('warn of a name that resembles none, without a guess', () => {
    expect(settingsFrom({ FLEETGATE_COLOUR_OF_THE_SKY: 'blue' }).warnings).toEqual([
      'FLEETGATE_COLOUR_OF_THE_SKY is no setting of Fleetgate and has no effect.',
    ]);
  });

  it('leave alone what the command line reads', () => {
    expect(settingsFrom({ FLEETGATE_URL: 'x', FLEETGATE_USER: 'y', FLEETGATE_PASSWORD: 'z' }).warnings).toEqual([]);
  });
});

describe('the table of settings', () => {
  it('has every name once, with a meaning and a form', () => {
    expect(new Set(settingsTable.map(({ name }) => name)).size).toBe(settingsTable.length);
    for (const row of settingsTable) {
      expect(row.meaning).toMatch(/^[A-Z].*\.$/);
      expect(row.form).not.toBe('');
    }
  });

  it('states only defaults that its own form accepts', () => {
    const wrong = settingsTable.filter((row) => !row.optional && !row.parse(row.default));
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});
