/**
 * The physical limit that Fleetgate is measured against: Node's TLS with the options of our door and nothing behind it. It takes whatever
 * certificate is shown, looks at no byte of CONNECT, and answers CONNACK 0.
 */
import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:tls';

const [, , port, cert, key] = process.argv;
const CONNACK = Buffer.from([0x20, 2, 0, 0]);
const server = createServer(
  {
    cert: readFileSync(cert),
    key: readFileSync(key),
    ca: [],
    requestCert: true,
    rejectUnauthorized: false,
    noDelay: true,
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  },
  (socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.write(CONNACK));
  },
);
server.on('tlsClientError', () => undefined);
server.listen(Number(port), '127.0.0.1', () => console.log('ready'));
