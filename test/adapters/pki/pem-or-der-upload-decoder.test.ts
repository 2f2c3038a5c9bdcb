import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { PemOrDerUploadDecoder } from '../../../src/adapters/pki/pem-or-der-upload-decoder.ts';
import { uploadDecoderContract } from '../../contracts/upload-decoder.contract.ts';
import { ALGORITHM, bits, certificateDer, commonName, EC_SPKI, extension, extensions, int, name, nul, octets, oid, pem, raw, seq, tagged, tlv, utcTime, utf8 } from '../../support/der-builder.ts';
import { keyBegin, keyBlock } from '../../support/key-armour.ts';

uploadDecoderContract('PemOrDerUploadDecoder', () => new PemOrDerUploadDecoder());

const decoder = new PemOrDerUploadDecoder();
const refusalOf = (upload: string | Uint8Array): unknown => {
  const answer = decoder.decode(upload);
  return answer.granted ? 'decoded' : answer.refusal;
};
const unreadable = (found: string, position?: number) => ({ code: 'anchor.unreadable', evidence: position === undefined ? { found } : { found, position } });
const privateKey = { code: 'anchor.private-key', evidence: { found: 'private key' } };
const der = certificateDer();

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const dsaPrivateKey = seq(int(0), int(23), int(11), int(4), int(8), int(3));
const pkcs8 = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'pkcs8' });
const sealed = { cipher: 'aes-256-cbc', passphrase: 'geheim' } as const;

const request = seq(seq(int(0), commonName('device'), EC_SPKI, tagged(0)), ALGORITHM.sha256WithEcdsa, bits('00'));
const revocations = seq(seq(int(1), ALGORITHM.sha256WithEcdsa, commonName('Works Root'), utcTime('260101000000Z')), ALGORITHM.sha256WithEcdsa, bits('00'));
const revocationsOfVersion1 = seq(seq(ALGORITHM.sha256WithEcdsa, commonName('Works Root'), utcTime('260101000000Z')), ALGORITHM.sha256WithEcdsa, bits('00'));
const pkcs7 = seq(oid('1.2.840.113549.1.7.2'), tagged(0, seq(int(1))));
const pkcs7AsBer = Buffer.concat([raw('30 80'), oid('1.2.840.113549.1.7.2'), raw('a0 80'), der, raw('00 00 00 00')]);
const pkcs12 = seq(int(3), seq(oid('1.2.840.113549.1.7.1'), tagged(0, octets(seq()))), seq(nul()));
const pkcs12AsBer = Buffer.concat([raw('30 80'), int(3), raw('30 80'), oid('1.2.840.113549.1.7.1'), raw('00 00 00 00')]);
const ssh2 = (edge: 'BEGIN' | 'END'): string => `${'-'.repeat(4)} ${edge} SSH2 ENCRYPTED PRIVATE KEY ${'-'.repeat(4)}`;
const rsaPublicKey = seq(int(0xff01), int(65537));

describe('X31 a private key is known by its label and by its outline', () => {
  it.each<[string, string | Buffer]>([
    ['PKCS#8', ec.export({ format: 'pem', type: 'pkcs8' })],
    ['encrypted PKCS#8', ec.export({ format: 'pem', type: 'pkcs8', ...sealed })],
    ['PKCS#1', rsa.export({ format: 'pem', type: 'pkcs1' })],
    ['PKCS#1 with an encrypted body', rsa.export({ format: 'pem', type: 'pkcs1', ...sealed })],
    ['SEC 1', ec.export({ format: 'pem', type: 'sec1' })],
    ['DSA', pem(dsaPrivateKey, 'DSA PRIVATE KEY')],
    ['OpenSSH', pem(nul(), 'OPENSSH PRIVATE KEY')],
    ['any other label', pem(nul(), 'ANY PRIVATE KEY')],
    ['PGP', keyBlock('\nAAAA', 'PGP PRIVATE KEY BLOCK').trimEnd()],
    ['SSH2', `${ssh2('BEGIN')}\nAAAA\n${ssh2('END')}`],
    ['PuTTY', 'PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 1\nAAAA'],
    ['JWK', '{"d":"AAAA","crv":"P-256","kty":"EC"}'],
    ['a block that does not end', `${keyBegin()}\nMIG`],
  ])('as text: %s', (_kind, text) => {
    expect(refusalOf(text.toString())).toEqual(privateKey);
    expect(refusalOf(Buffer.from(text.toString()))).toEqual(privateKey);
  });

  it.each<[string, Buffer]>([
    ['PKCS#8 of RSA', pkcs8(rsa)],
    ['PKCS#8 of EC', pkcs8(ec)],
    ['PKCS#8 of Ed25519', pkcs8(ed25519)],
    ['encrypted PKCS#8', ec.export({ format: 'der', type: 'pkcs8', ...sealed })],
    ['PKCS#1', rsa.export({ format: 'der', type: 'pkcs1' })],
    ['SEC 1', ec.export({ format: 'der', type: 'sec1' })],
    ['DSA', dsaPrivateKey],
  ])('as DER, as base64, under a false label, and behind a certificate: %s', (_kind, key) => {
    const uploads = [key, key.toString('base64'), pem(key), pem(der) + pem(key), Buffer.concat([der, key]), pem(Buffer.concat([der, key]))];
    // Short DER cannot be told from text; it is refused all the same.
    for (const upload of uploads.slice(key.length < 128 ? 1 : 0)) expect(refusalOf(upload)).toEqual(privateKey);
    expect(refusalOf(key)).not.toBe('decoded');
  });

  it('wrapped once more in base64', () => {
    expect(refusalOf(Buffer.from(ec.export({ format: 'pem', type: 'pkcs8' })).toString('base64'))).toEqual(privateKey);
  });

  it('but a certificate whose name speaks of private keys is none', () => {
    const spoken = certificateDer({ subject: name(['2.5.4.3', utf8('Private Key Infrastructure PRIVATE KEY')]) });
    for (const upload of [spoken, pem(spoken), spoken.toString('base64')]) expect(refusalOf(upload)).toBe('decoded');
  });
});

describe('X31 what is something else is refused by its name', () => {
  it.each<[string, Buffer, string]>([
    ['PKCS#7', pkcs7, 'PKCS7'],
    ['PKCS#7', pkcs7AsBer, 'CMS'],
    ['PKCS#12', pkcs12, 'PKCS12'],
    ['PKCS#12', pkcs12AsBer, 'PKCS12'],
    ['certificate request', request, 'CERTIFICATE REQUEST'],
    ['certificate request', request, 'NEW CERTIFICATE REQUEST'],
    ['public key', EC_SPKI, 'PUBLIC KEY'],
    ['public key', rsaPublicKey, 'RSA PUBLIC KEY'],
    ['revocation list', revocations, 'X509 CRL'],
    ['revocation list', revocationsOfVersion1, 'X509 CRL'],
  ])('%s, by its label, and by its outline as base64 and under a false label', (found, value, label) => {
    expect(refusalOf(pem(value, label))).toEqual(unreadable(found));
    expect(refusalOf(value.toString('base64'))).toEqual(unreadable(found, 0));
    expect(refusalOf(pem(der) + pem(value))).toEqual(unreadable(found, 1));
  });

  it('DER of a request and of PKCS#7', () => {
    expect(refusalOf(request)).toEqual(unreadable('certificate request', 0));
    expect(refusalOf(pkcs7AsBer)).toEqual(unreadable('PKCS#7', 0));
  });

  it('a certificate of version 1, and one of any content, are for the reader to judge', () => {
    for (const certificate of [certificateDer({ version: Buffer.alloc(0), extensions: Buffer.alloc(0) }), seq(tlv(0x04, Buffer.alloc(200)))]) {
      expect(refusalOf(certificate)).toBe('decoded');
    }
  });

  it.each<[string, string | Buffer, object]>([
    ['nothing', '', unreadable('nothing')],
    ['nothing but white space', ' \r\n\ufeff', unreadable('nothing')],
    ['words', 'see attachment', unreadable('text that is neither PEM nor base64')],
    ['other bytes', Buffer.of(0xff, 0xfe, 0x00), unreadable('bytes that are neither DER nor text in UTF-8')],
    ['words before', `subject=CN=Works\n${pem(der)}`, unreadable('text before the first PEM block')],
    ['words between', `${pem(der)}and\n${pem(der)}`, unreadable('text between PEM blocks')],
    ['words after', `${pem(der)}the end`, unreadable('text after the last PEM block')],
    ['a block that does not end', pem(der).slice(0, -30), unreadable('a PEM block that does not end')],
    ['a block inside another', pem(der).replace('MII', '-----BEGIN CERTIFICATE-----MII'), unreadable('a PEM block that does not end')],
    ['a block of two names', pem(der).replace('END CERTIFICATE', 'END X509 CERTIFICATE'), unreadable('a PEM block that begins and ends by different names')],
    ['a block of an unknown name', pem(der, 'GEHEIM'), unreadable('a PEM block that is no certificate')],
    ['an empty block', '-----BEGIN CERTIFICATE----------END CERTIFICATE-----', unreadable('a PEM block whose content is not base64', 0)],
    ['a second block that is not base64', pem(der) + pem(der).replace('MII', 'M*I'), unreadable('a PEM block whose content is not base64', 1)],
    ['base64 of PEM', Buffer.from(pem(der)).toString('base64'), unreadable('base64 of a PEM file, wrapped once too often', 0)],
    ['base64 of words', Buffer.from('words').toString('base64'), unreadable('base64 of no certificate', 0)],
    ['a certificate cut short', der.subarray(0, 200).toString('base64'), unreadable('a certificate that is cut short', 0)],
    ['a certificate and more', Buffer.concat([der, Buffer.alloc(3)]), unreadable('3 bytes after the certificate', 0)],
  ])('%s', (_what, upload, refusal) => {
    expect(refusalOf(upload)).toEqual(refusal);
  });

  it('X32 base64 that is not canonical: padding missing, unused bits set, the URL alphabet', () => {
    const padded = certificateDer({ signatureValue: bits(Buffer.alloc(70 + ((3 - ((certificateDer({ signatureValue: bits(Buffer.alloc(70)) }).length + 2) % 3)) % 3))) });
    expect(padded.length % 3).toBe(1);
    const good = padded.toString('base64');
    expect(good.endsWith('A==')).toBe(true);
    const bad = [good.slice(0, -2), good.replace(/A==$/, 'B=='), `${good}AAAA`, der.toString('base64').replace('MII', 'M-I')];
    for (const text of bad) expect(refusalOf(text)).toEqual(unreadable('text that is neither PEM nor base64'));
    expect(refusalOf(good)).toBe('decoded');
  });
});

describe('X31 sizes are bounded before anything is parsed', () => {
  it('10 MB', () => {
    for (const upload of ['A'.repeat(10_000_000), Buffer.alloc(10_000_000, 0x30)]) {
      expect(refusalOf(upload)).toEqual({ code: 'anchor.too-large', evidence: { size: 10_000_000, allowed: 524_288 } });
    }
  });

  it('20 certificates are taken and 21 are not', () => {
    expect(refusalOf(pem(der).repeat(20))).toBe('decoded');
    expect(refusalOf(pem(der).repeat(21))).toEqual({ code: 'anchor.too-large', evidence: { certificates: 21, allowed: 20 } });
  });

  it('20 certificates of 16 KiB are taken, and one of a byte more is not', () => {
    const ofSize = (size: number): Buffer => {
      const padded = (padding: number) => certificateDer({ signatureValue: bits('00'), extensions: extensions(extension('1.2.3', octets(Buffer.alloc(padding)))) });
      return padded(12_000 + size - padded(12_000).length);
    };
    expect(refusalOf(pem(ofSize(16_384)).replaceAll('\n', '\r\n').repeat(20))).toBe('decoded');
    expect(refusalOf(pem(ofSize(16_385)))).toEqual({ code: 'anchor.too-large', evidence: { bytes: 16_385, allowed: 16_384 } });
  });

  it('half a megabyte of beginnings, of white space or of JSON takes no more than its length', () => {
    const started = process.cpuUsage();
    for (const piece of ['-----BEGIN ', '-----BEGIN CERTIFICATE-----', '"kty" "d" ', '{"kty""d"', ' ', '\n-----END A-----', 'BEGIN PRIVATE ', '30']) {
      expect(refusalOf(piece.repeat(Math.floor(524_288 / piece.length)))).not.toBe('decoded');
    }
    expect(process.cpuUsage(started).user).toBeLessThan(5_000_000);
  });
});
