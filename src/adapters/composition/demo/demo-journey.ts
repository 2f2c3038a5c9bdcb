import { readFile } from 'node:fs/promises';
import type { CertificateMint, Minted } from '../../../ports/driven/certificate-mint.ts';
import type { DemoApi } from './demo-api.ts';
import { connectDevice, type DemoDevice } from './demo-device.ts';
import { ensure, type Story } from './story.ts';

export interface JourneyNeeds {
  readonly story: Story;
  readonly mint: CertificateMint;
  readonly api: DemoApi;
  /** What an administrator of the tenant `main` sends as `Authorization`. */
  readonly administrator: string;
  readonly mqttPort: number;
  readonly serverCaFile: string;
}

const DEVICE = 'press-7';
const TRUSTED = '/tenant/tenants/main/trusted-certificates';

/** A device from its birth to the end of its trust, in steps. Rejects with a sentence at the first one that went wrong. */
export async function walkJourney(needs: JourneyNeeds): Promise<void> {
  const { ca, device } = await mintIdentity(needs);
  const fingerprint = await trustCa(needs, ca);
  const connection = await comeIn(needs, device);
  try {
    const token = await fetchToken(needs, connection);
    await useToken(needs, token);
    await withdrawTrust(needs, { fingerprint, connection, token });
  } finally {
    connection.leave();
  }
  await comeAgain(needs, device);
}

const mintIdentity = ({ story, mint }: JourneyNeeds): Promise<{ readonly ca: Minted; readonly device: Minted }> =>
  story.step(
    'A works makes its own CA, and the CA signs a certificate for one machine.',
    ['src/adapters/pki/mint/peculiar-certificate-mint.ts'],
    async (tell) => {
      const ca = await mint.root({ commonName: 'Demo Works CA' });
      const device = await mint.device(ca, { commonName: DEVICE });
      tell(`CN=${DEVICE}, issued by CN=Demo Works CA. The name in the certificate is the id of the device.`);
      tell('In your shell: npx fleetgate pki root; npx fleetgate pki device press-7');
      return { ca, device };
    },
  );

const trustCa = ({ story, api, administrator }: JourneyNeeds, ca: Minted): Promise<string> =>
  story.step(
    'The administrator of the tenant main uploads the CA: its devices may register by themselves.',
    ['src/adapters/http/routes/trusted-certificates.ts', 'src/domain/usecases/manage-trust-anchors.ts', 'src/domain/trust/admit-trust-anchor.ts'],
    async (tell) => {
      const { status, body } = await api(`POST ${TRUSTED}`, {
        authorization: administrator,
        body: { name: 'Demo Works CA', status: 'ENABLED', autoRegistrationEnabled: true, certInPemFormat: ca.certificatePem },
      });
      ensure(status === 201 && typeof body['fingerprint'] === 'string', `The CA was to be stored with status 201; the answer was ${status}: ${String(body['message'])}.`);
      tell(`POST ${TRUSTED} answered 201; fingerprint ${body['fingerprint'].slice(0, 16)}….`);
      tell('In your shell: npx fleetgate trust add pki/root.pem --auto-registration');
      return body['fingerprint'];
    },
  );

async function comeIn({ story, api, administrator, mqttPort, serverCaFile }: JourneyNeeds, identity: Minted): Promise<DemoDevice> {
  const connection = await story.step(
    'The device connects. It shows its certificate over TLS; it knows no tenant, no user and no password.',
    ['src/adapters/tls/tls-handshakes.ts', 'src/domain/usecases/connect-device.ts (start reading here)'],
    async (tell) => {
      const device = await connectDevice({ port: mqttPort, serverCa: await readFile(serverCaFile, 'utf8'), identity });
      device.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, clientId: DEVICE, keepalive: 60 });
      const { reasonCode } = await device.next('connack');
      ensure(reasonCode === 0, `CONNACK was to say 0; it said ${reasonCode}.`);
      tell(`${device.tls}, CONNECT with client id ${DEVICE}: CONNACK 0. The certificate led to the tenant main.`);
      return device;
    },
  );
  await story.step('It was unknown until now: its CA let it register by itself.', ['src/domain/registration/decide-registration.ts', 'src/adapters/http/routes/devices.ts'], async (tell) => {
    const { status, body } = await api(`GET /fleetgate/devices/${DEVICE}`, { authorization: administrator });
    ensure(status === 200, `The device was to be registered; the answer was ${status}.`);
    tell(`GET /fleetgate/devices/${DEVICE} answered 200: user ${String(body['userName'])}, registered by ${String(body['registeredBy'])}.`);
  });
  return connection;
}

const fetchToken = ({ story }: JourneyNeeds, device: DemoDevice): Promise<string> =>
  story.step(
    'On the same connection it asks for a token: an empty message on s/uat, the answer comes on s/dat.',
    ['src/domain/usecases/request-token.ts', 'src/domain/tokens/decide-token.ts', 'src/adapters/signing/jose-token-signer.ts'],
    async (tell) => {
      device.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 's/dat', qos: 0 }] });
      await device.next('suback');
      device.send({ cmd: 'publish', topic: 's/uat', payload: '', qos: 0, dup: false, retain: false });
      const { topic, payload } = await device.next('publish');
      const [, token] = /^71,([\w-]+\.[\w-]+\.[\w-]+)$/.exec(payload.toString()) ?? [];
      ensure(topic === 's/dat' && token !== undefined, `The answer was to be 71,<token> on s/dat; it came on ${topic} and is something else.`);
      const { iss, sub, iat, exp } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
      tell(`71,${token.slice(0, 12)}… (${token.length} characters): iss ${String(iss)}, sub ${String(sub)}, good for ${Number(exp) - Number(iat)} s.`);
      return token;
    },
  );

const useToken = ({ story, api }: JourneyNeeds, token: string): Promise<void> =>
  story.step('The token opens HTTP.', ['src/adapters/http/authenticate.ts', 'src/adapters/http/routes/current-user.ts'], async (tell) => {
    const { status, body } = await api('GET /user/currentUser', { authorization: `Bearer ${token}` });
    ensure(status === 200 && body['userName'] === `device_${DEVICE}`, `The token was to be good; GET /user/currentUser answered ${status}.`);
    tell(`GET /user/currentUser with Authorization: Bearer <token> answered 200: userName ${String(body['userName'])}.`);
  });

interface Live {
  readonly fingerprint: string;
  readonly connection: DemoDevice;
  readonly token: string;
}

async function withdrawTrust({ story, api, administrator }: JourneyNeeds, { fingerprint, connection, token }: Live): Promise<void> {
  await story.step('The administrator disables the CA. The live session ends at once.', ['src/domain/usecases/manage-trust-anchors.ts', 'src/adapters/in-memory/in-memory-session-board.ts', 'src/adapters/mqtt/endings.ts'], async (tell) => {
    const { status } = await api(`PUT ${TRUSTED}/${fingerprint}`, { authorization: administrator, body: { status: 'DISABLED' } });
    ensure(status === 200, `The CA was to be disabled with status 200; the answer was ${status}.`);
    const { reasonCode, properties } = await connection.next('disconnect');
    await connection.closed();
    tell(`The device received DISCONNECT 0x${reasonCode?.toString(16)}: ${properties?.reasonString}`);
  });
  await story.step('The token that it holds is dead here, too.', ['src/domain/tokens/decide-token.ts'], async (tell) => {
    const { status, body } = await api('GET /user/currentUser', { authorization: `Bearer ${token}` });
    ensure(status === 401, `The token was to be refused with 401; the answer was ${status}.`);
    tell(`GET /user/currentUser answered 401: ${String(body['message'])}`);
  });
}

const comeAgain = ({ story, mqttPort, serverCaFile }: JourneyNeeds, identity: Minted): Promise<void> =>
  story.step('The device connects again, and is told why it may not.', ['src/domain/certificates/judge-paths.ts', 'src/domain/refusals/tenant-refusals.ts', 'src/adapters/mqtt/connack-codes.ts'], async (tell) => {
    const device = await connectDevice({ port: mqttPort, serverCa: await readFile(serverCaFile, 'utf8'), identity });
    device.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, clientId: DEVICE, keepalive: 60 });
    const { reasonCode, properties } = await device.next('connack');
    await device.closed();
    const reason = properties?.reasonString ?? '';
    ensure(reasonCode === 0x87 && reason.startsWith('tenant.anchor-disabled'), `CONNACK was to say 0x87 and tenant.anchor-disabled; it said ${reasonCode} ${reason}`);
    tell(`CONNACK 0x87: ${reason}`);
  });
