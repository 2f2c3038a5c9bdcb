/** Many devices that come at once. */
import { readFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';
import mqttPacket from 'mqtt-packet';
import type { Minted } from '../../src/ports/driven/certificate-mint.ts';
import { mint } from './pki.ts';
import type { RunningGate } from './running-gate.ts';

const CONNACK_0 = Buffer.of(0x20, 2, 0, 0);

/** Certificates by client id. */
export type Fleet = ReadonlyMap<string, Minted>;

/** Makes the certificates beforehand: minting takes longer than connecting. */
export async function aFleet(root: Minted, prefix: string, size: number): Promise<Fleet> {
  const ids = Array.from({ length: size }, (_, i) => `${prefix}-${i}`);
  return new Map(await Promise.all(ids.map(async (id) => [id, await mint.device(root, { commonName: id })] as const)));
}

/** All devices connect at once by MQTT 3.1.1. `onAdmitted` is called at each CONNACK 0, `onRefused` at another answer; resolves when every device knows where it stands. */
export async function connectAll(gate: RunningGate, fleet: Fleet, onAdmitted: (id: string) => void, onRefused: (id: string, said: Buffer) => void = () => undefined): Promise<void> {
  const ca = readFileSync(gate.caFile);
  const sockets: TLSSocket[] = [];
  await Promise.all([...fleet].map(([clientId, { certificatePem: cert, keyPem: key }], i) => new Promise<void>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: gate.mqtts[i % 2]!, ca, cert, key });
    sockets.push(socket);
    socket.once('secureConnect', () => socket.write(mqttPacket.generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId, keepalive: 600 })));
    socket.once('data', (bytes: Buffer) => {
      if (bytes.equals(CONNACK_0)) onAdmitted(clientId);
      else onRefused(clientId, bytes);
      resolve();
    });
    socket.once('error', () => socket.destroy()).once('close', () => resolve());
  })));
  for (const socket of sockets) socket.destroy();
}
