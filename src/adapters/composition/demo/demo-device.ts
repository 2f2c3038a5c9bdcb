import { on, once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { generate, parser, type Packet } from 'mqtt-packet';
import type { Minted } from '../../../ports/driven/certificate-mint.ts';

/** A gate that is silent for so long is out of order. */
const SILENCE_MS = 5_000;

export interface DeviceWish {
  readonly port: number;
  /** PEM: whom the device trusts to be the gate. */
  readonly serverCa: string;
  readonly identity: Minted;
}

/** As little of an MQTT 5 client as the demonstration needs. */
export interface DemoDevice {
  /** `TLSv1.3` */
  readonly tls: string;
  send(packet: Packet): void;
  /** The next packet, which must be such a one; rejects with a sentence where another or none comes. */
  next<C extends Packet['cmd']>(cmd: C): Promise<Extract<Packet, { cmd: C }>>;
  /** Resolves when the gate has closed the connection. */
  closed(): Promise<void>;
  /** Leaves without a word. */
  leave(): void;
}

/** Opens the TLS connection and shows the certificate; MQTT has not begun then. */
export async function connectDevice({ port, serverCa, identity }: DeviceWish): Promise<DemoDevice> {
  const cert = identity.path.map(({ certificatePem }) => certificatePem).join('');
  const socket = connect({ host: '127.0.0.1', servername: 'localhost', port, ca: serverCa, cert, key: identity.keyPem });
  await inTime('a TLS handshake', once(socket, 'secureConnect'));
  const incoming = packetsOf(socket);
  const gone = once(socket, 'close');
  return {
    tls: socket.getProtocol() ?? 'no TLS',
    send: (packet) => void socket.write(generate(packet, { protocolVersion: 5 })),
    next: async (cmd) => {
      const packet = await inTime(`a packet ${cmd}`, Promise.race([incoming.next(), gone.then(() => undefined)]));
      if (packet?.cmd === cmd) return packet as Extract<Packet, { cmd: typeof cmd }>;
      throw new Error(`The gate was to send ${cmd}; it ${packet ? `sent ${packet.cmd}` : 'closed the connection'}.`);
    },
    closed: async () => void (await inTime('the end of the connection', gone)),
    leave: () => socket.destroy(),
  };
}

function packetsOf(socket: TLSSocket): { next(): Promise<Packet> } {
  const reading = parser({ protocolVersion: 5 });
  const packets = on(reading, 'packet');
  socket.on('data', (bytes) => void reading.parse(bytes));
  socket.on('error', () => undefined); // `close` follows
  return { next: async () => ((await packets.next()).value as [Packet])[0] };
}

async function inTime<T>(what: string, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`The gate let ${SILENCE_MS / 1000} s pass without ${what}.`)), SILENCE_MS);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
