import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

const HEADER = 5;

/** One TLS record: type, version, length, fragment (RFC 8446 §5.1). */
export interface TlsRecord {
  readonly type: number;
  readonly fragment: Buffer;
}

export const HANDSHAKE = 22;
export const ALERT = 21;
export const CHANGE_CIPHER_SPEC = 20;

export interface TamperingProxy extends AsyncDisposable {
  readonly port: number;
  /** Records that the server sent, all connections together. */
  readonly fromServer: readonly TlsRecord[];
}

/** What becomes of a record on its way to the server: other bytes, or undefined, which resets the connection. `index` counts a connection's records. */
export type Tamper = (record: TlsRecord, index: number) => Buffer | undefined;

/** Stands between a TLS client and `target` and changes what the client sends. */
export async function tamperingProxy(target: number, tamper: Tamper): Promise<TamperingProxy> {
  const sockets = new Set<Socket>();
  const fromServer: TlsRecord[] = [];
  const server = createServer((client) => {
    const upstream = connect({ port: target, host: '127.0.0.1' });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    const toServer = recordReader();
    const toClient = recordReader();
    let index = 0;
    client.on('data', (chunk: Buffer) => {
      for (const record of toServer(chunk)) {
        const bytes = tamper(record, index++);
        if (bytes === undefined) return void upstream.resetAndDestroy();
        upstream.write(bytes);
      }
    });
    upstream.on('data', (chunk: Buffer) => {
      fromServer.push(...toClient(chunk));
      client.write(chunk);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    fromServer,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function recordReader(): (chunk: Buffer) => TlsRecord[] {
  let pending = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    const records: TlsRecord[] = [];
    while (pending.length >= HEADER && pending.length >= HEADER + pending.readUInt16BE(3)) {
      const end = HEADER + pending.readUInt16BE(3);
      records.push({ type: pending[0]!, fragment: Buffer.from(pending.subarray(HEADER, end)) });
      pending = pending.subarray(end);
    }
    return records;
  };
}

/** A record as bytes; `fragment` is cut at 16 KiB as the protocol wants it. */
export function recordBytes({ type, fragment }: TlsRecord, cutAt = 16_384): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < fragment.length || at === 0; at += cutAt) {
    const part = fragment.subarray(at, at + cutAt);
    parts.push(Buffer.from([type, 3, 3, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(parts);
}

/** Changes the handshake messages of one type in an unencrypted record (RFC 8446 §4: type, three bytes of length, body). */
export function changeMessage(record: TlsRecord, type: number, change: (body: Buffer) => Buffer): TlsRecord {
  const parts: Buffer[] = [];
  for (let at = 0; at + 4 <= record.fragment.length; ) {
    const length = record.fragment.readUIntBE(at + 1, 3);
    const body = record.fragment.subarray(at + 4, at + 4 + length);
    parts.push(record.fragment[at] === type ? message(type, change(Buffer.from(body))) : record.fragment.subarray(at, at + 4 + length));
    at += 4 + length;
  }
  return { ...record, fragment: Buffer.concat(parts) };
}

export function message(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head[0] = type;
  head.writeUIntBE(body.length, 1, 3);
  return Buffer.concat([head, body]);
}

/** Appends an extension to the body of a ClientHello (RFC 8446 §4.1.2). */
export function withExtension(hello: Buffer, type: number, data: Buffer): Buffer {
  let at = 2 + 32;
  at += 1 + hello[at]!;
  at += 2 + hello.readUInt16BE(at);
  at += 1 + hello[at]!;
  const extensions = hello.subarray(at + 2);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(data.length, 2);
  const all = Buffer.concat([extensions, head, data]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(all.length);
  return Buffer.concat([hello.subarray(0, at), length, all]);
}
