import type { AddressInfo, Server } from 'node:net';

export interface PortWish {
  /** 0: any free one. */
  readonly port: number;
  /** Empty: all interfaces, IPv6 and IPv4. */
  readonly bind: string;
  /** Name of the setting that the port came from. */
  readonly setting: string;
  /** Other processes listen on it too; each connection comes to one of them. */
  readonly shared?: boolean;
}

/** Listens, and resolves with where. Rejects with a sentence that says which port, why not, and what to change. */
export function openPort(server: Server, { port, bind, setting, shared = false }: PortWish): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      reject(new Error(sentenceFor(error, { port, bind, setting }), { cause: error }));
    };
    server.once('error', failed);
    server.listen({ port, backlog: 4096, reusePort: shared, ...(bind !== '' && { host: bind }) }, () => {
      server.off('error', failed);
      resolve(server.address() as AddressInfo);
    });
  });
}

/** `[::]:1884`, `0.0.0.0:1884` */
export const hostAndPort = ({ address, port }: AddressInfo): string => `${address.includes(':') ? `[${address}]` : address}:${port}`;

function sentenceFor({ code, message }: NodeJS.ErrnoException, { port, bind, setting }: PortWish): string {
  const where = bind === '' ? `port ${port}` : `port ${port} of ${bind}`;
  switch (code) {
    case 'EADDRINUSE':
      return `Cannot listen on ${where}: another program uses it (EADDRINUSE). Stop that program, or set ${setting} to a free port.`;
    case 'EACCES':
      return `Cannot listen on ${where}: not permitted (EACCES). Ports below 1024 need a privilege; set ${setting} to a higher one.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return `Cannot listen on ${where}: this machine has no such address (${code}). Set FLEETGATE_BIND to an address of this machine, or leave it empty for all.`;
    default:
      return `Cannot listen on ${where}: ${message}. Check ${setting} and FLEETGATE_BIND.`;
  }
}
