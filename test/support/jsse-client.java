import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * A device in Java without any library: shows its chain in TLS, says CONNECT (MQTT 3.1.1) and prints the answer.
 * JSSE sends no certificate at all when the server names issuers and its own is not among them; nothing else shows that.
 *
 * java jsse-client.java PORT CA.pem CHAIN.pem KEY.pem CLIENT-ID
 */
class JsseClient {
    public static void main(String[] args) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys(args[2], args[3]).getKeyManagers(), trust(args[1]).getTrustManagers(), null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", Integer.parseInt(args[0]))) {
            socket.setSoTimeout(15_000);
            socket.startHandshake();
            Certificate[] shown = socket.getSession().getLocalCertificates();
            System.out.println("sent " + (shown == null ? 0 : shown.length) + " certificates over " + socket.getSession().getProtocol());
            socket.getOutputStream().write(connect(args[4]));
            byte[] answer = new byte[4];
            new DataInputStream(socket.getInputStream()).readFully(answer);
            System.out.println((answer[0] == 0x20 && answer[1] == 2 ? "CONNACK " : "no CONNACK ") + answer[3]);
        }
    }

    static byte[] connect(String clientId) {
        byte[] id = clientId.getBytes(StandardCharsets.UTF_8);
        byte[] packet = new byte[14 + id.length];
        byte[] head = {0x10, (byte) (12 + id.length), 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, (byte) id.length};
        System.arraycopy(head, 0, packet, 0, head.length);
        System.arraycopy(id, 0, packet, head.length, id.length);
        return packet;
    }

    static TrustManagerFactory trust(String file) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("ca", certificates(file)[0]);
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    static KeyManagerFactory keys(String chain, String key) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        Certificate[] certificates = certificates(chain);
        String algorithm = certificates[0].getPublicKey().getAlgorithm();
        String pem = Files.readString(Path.of(key)).replaceAll("-----[A-Z ]+-----|\\s", "");
        PrivateKey own = KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
        store.setKeyEntry("device", own, new char[0], certificates);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return factory;
    }

    static Certificate[] certificates(String file) throws Exception {
        try (InputStream in = new FileInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).toArray(new Certificate[0]);
        }
    }
}
