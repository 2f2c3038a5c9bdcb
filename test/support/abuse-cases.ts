/** Hostile inputs and faults by the ids that stand at the start of the titles of the tests that prove them. */
export interface AbuseCase {
  readonly id: string;
  readonly what: string;
  /** Why no test has it (yet). Nothing is left out silently. */
  readonly without?: string;
}

const CASES = `
X01 a CA that no tenant trusts
X02 a self-signed device under the name of a trusted CA
X03 the right issuer name, another key
X04 a device certificate outside its validity by one second, and exactly on its ends
X05 an expired intermediate
X06 an expired CA in the trust store, and the warning before
X07 an intermediate that is no CA
X08 an intermediate that may not sign
X09 more CAs than pathLen allows
X10 extended key usage: wrong, any, absent, empty
X11 unknown extensions, critical and not
X12 broken name constraints
X13 name constraints: case and dots
X14 SHA-1, MD5, small RSA, odd curves, DSA
X15 two signature algorithms in one certificate
X16 BER, bytes left over, odd serials, duplicate extensions
X17 a hundred intermediates, and what they cost
X18 CAs that sign each other in a circle
X19 ten thousand alternative names
X20 certificates twice, strangers between
X21 the chain with and without its CA
X22 an intermediate as the trusted certificate
X23 a device that is its own anchor
X24 one key under two ids
X25 common names: none, two, long, NUL, look-alikes, not normalised
X26 common names that pretend to be somebody or something
X27 alternative names beside the common name
X28 forms of names and of strings
X29 revocation: by operators, and by lists of CAs
X30 dates at the edges of their forms
X31 uploads that are no CA certificate
X32 one CA twice
X33 two CAs of one name
X34 a root whose own signature is weak
T01 one CA, two tenants
T02 an upload below another tenant's CA
T03 an upload under the name of another tenant's CA
T04 a user name of another tenant
T05 a client id of another device
T06 subscriptions to what is not one's own
T07 publishing answers
T08 a token against another tenant's path
T09 ids of another tenant
T10 a bulk row for another tenant
T11 cursors of another tenant
T12 withdrawal ends sessions of that tenant alone
T13 a suspended tenant
T14 a noisy tenant
T15 a tenant that ends under load (tenants are suspended, not deleted)
T16 tenant ids made to match others
M01 a first packet that is no CONNECT
M02 a length beyond the limit
M03 lengths in five bytes, or longer than need be
M04 a second CONNECT
M05 protocol names and levels
M06 reserved flags
M07 no client id
M08 client ids: long, NUL, broken UTF-8
M09 subscriptions that are none
M10 UNSUBSCRIBE of nothing
M11 PUBLISH with QoS 3, without or with wildcard topic
M12 token requests with body, QoS, retain
M13 a token request without a subscription
M14 ten thousand token requests a second
M15 two connections of one device
M16 silence
M17 acknowledgements nobody asked for
M18 one byte a second
M19 a client that does not read
M20 packets in pieces, and in heaps
M21 a half-closed connection
M22 properties of MQTT 5 against the rules
M23 the will of a refused device
M24 user name and password beside a certificate
M25 packets before CONNACK
M26 other protocols on the port
M27 a thousand connects a second from one address
S01 no certificate
S02 resumption
S03 renegotiation
S04 floods of key updates
S05 early data
S06 server names
S07 odd hellos, old versions
S08 a signature of another key in the handshake
S09 absurd keys
S10 two thousand idle handshakes
S11 connections cut at each step
S12 ALPN
S13 weak ciphers
S14 a broken server certificate at reload
S15 a certificate list that is too long
J01 forged and mutated tokens
J02 alg none
J03 HMAC with the public key
J04 keys in the header
J05 kid as a weapon
J06 tokens after withdrawal
J07 the edges of exp
J08 two signing keys
J09 a kid of another instance
J10 another issuer or audience
J11 a signing key that is lost
J12 what 71, holds
J13 the longest token
J14 withdrawal while a token is signed
R01 every route with random input
R02 hostile JSON
R03 request smuggling
R04 slow requests
R05 odd methods
R06 tricks in paths
R07 a Host of another tenant
R08 one POST twice
R09 lost updates
R10 pages out of range
R11 guessing passwords
R12 pages of other sites
R13 secrets in error texts
C01 every form of CSV
C02 credentials in a certificate row
C03 formulas
C04 ids twice
C05 a hundred thousand rows | memory is tested with fewer rows, see C01; the large one is a measurement
C06 an upload that is cut off
C07 bulk and automatic registration at once
C08 the id of a password device
E01 enrolment without the right to | enrolment is not part yet
E02 hostile certificate requests | as E01
E03 renewal with a dead certificate | as E01
E04 unknown operations | as E01
E05 what is issued | as E01
A01 an unknown device without automatic registration
A02 the flag of another CA
A03 twenty first connects at once
A04 a CA that makes up devices
A05 a removed device comes again
A06 a crash between registration and CONNACK
F01 kill -9, many times
F02 kill -9 before CONNACK
F03 SIGTERM under load
F04 a second signal
F05 power loss
F06 a failed sync
F07 a full disk
F08 no file descriptors left
F09 a read-only database
F10 a foreign lock on the database
F11 PostgreSQL crashes and comes back
F12 all connections to PostgreSQL are ended
F13 a black hole on the way to PostgreSQL
F14 a slow or thin line to PostgreSQL
F15 a line that is cut in a commit
F16 PostgreSQL takes no writes, or no more connections
F17 a locked table of PostgreSQL
F18 a clock that jumps
F19 a clock before 2020
F20 the server's certificate ends while running
F21 a process that stands still
F22 little memory
F23 a long piece of work beside devices
F24 lost packets
F25 everybody comes back at once | tried by hand: npm run herd
F26 two processes on one database
F27 a migration that is cut off
F28 a slow disk
F29 a log that nobody takes
F30 no network
F31 key files touched while running
F32 a damaged row
F33 a backup of yesterday
`;

export const ABUSE_CASES: readonly AbuseCase[] = CASES.trim()
  .split('\n')
  .map((line) => {
    const [, id, what, without] = /^([A-Z]\d\d) ([^|]+?)(?: \| (.+))?$/.exec(line)!;
    return { id: id!, what: what!, ...(without !== undefined && { without }) };
  });
