import { createServer } from 'node:net';
import type { Settings } from '../../config/settings.ts';
import { SETTINGS } from '../../config/settings-table.ts';
import { openPort } from '../../tls/open-port.ts';

type Ports = Pick<Settings, 'mqttTlsPorts' | 'mqttTcpPort' | 'httpsPort' | 'mtlsPort' | 'httpPort'>;

/**
 * Workers share ports, and so would a second Fleetgate of the same user, without a word: half of all devices would come to the wrong one. So
 * each port is taken for a moment by this process alone before the first worker starts. Rejects with a sentence.
 */
export async function refuseTakenPorts({ bind, ...ports }: Ports & Pick<Settings, 'bind'>): Promise<void> {
  const wishes = [
    ...ports.mqttTlsPorts.map((port) => ({ port, bind, setting: SETTINGS.mqttTlsPorts.name })),
    { port: ports.mqttTcpPort, bind, setting: SETTINGS.mqttTcpPort.name },
    { port: ports.httpsPort, bind, setting: SETTINGS.httpsPort.name },
    { port: ports.mtlsPort, bind, setting: SETTINGS.mtlsPort.name },
    { port: ports.httpPort, bind: '127.0.0.1', setting: SETTINGS.httpPort.name },
  ];
  for (const { port, ...where } of wishes) {
    if (!port) continue; // off, or any free one
    const server = createServer();
    await openPort(server, { port, ...where });
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

/** The settings by which another worker listens on what the first one got: `listening` is in the order in which doors open. */
export function portSettings(listening: readonly string[], ports: Ports): Readonly<Record<string, string>> {
  const found = (scheme: string): string[] => listening.map((url) => new URL(url)).filter(({ protocol }) => protocol === `${scheme}:`).map(({ port }) => port);
  const https = found('https');
  return {
    ...(ports.mqttTlsPorts.length > 0 && { [SETTINGS.mqttTlsPorts.name]: found('mqtts').join(',') }),
    ...(ports.mqttTcpPort !== undefined && { [SETTINGS.mqttTcpPort.name]: found('mqtt')[0]! }),
    ...(ports.httpsPort !== undefined && { [SETTINGS.httpsPort.name]: https.shift()! }),
    ...(ports.mtlsPort !== undefined && { [SETTINGS.mtlsPort.name]: https.shift()! }),
    ...(ports.httpPort !== undefined && { [SETTINGS.httpPort.name]: found('http')[0]! }),
  };
}
