/** The cluster's certificate authority and what it signs. */
import { createHash, webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const yearSeconds = 365 * 24 * 3600;

export interface IssuedCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface CertificateAuthority {
  readonly certificatePem: string;
  /** sha256:<hex of the subject public key info>, the form of `--discovery-token-ca-cert-hash`. */
  readonly publicKeyHash: string;
  /** @param names DNS names and IPv4 addresses */
  issueServer(names: readonly string[]): Promise<IssuedCertificate>;
  /** A client certificate whose CN is the user and whose Os are the user's groups. */
  issueClient(user: string, groups: readonly string[], validitySeconds?: number): Promise<IssuedCertificate>;
}

export async function createCertificateAuthority(): Promise<CertificateAuthority> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'CN=kubernetes',
    ...validity(10 * yearSeconds),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.keyCertSign,
        true,
      ),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'kubernetes' }]),
    ],
  });
  const issue = async (
    subject: x509.JsonName,
    validitySeconds: number,
    usage: x509.ExtendedKeyUsage,
    extensions: x509.Extension[],
  ): Promise<IssuedCertificate> => {
    const subjectKeys = await generateKeys();
    const issued = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject,
      issuer: certificate.subject,
      ...validity(validitySeconds),
      signingAlgorithm: algorithm,
      publicKey: subjectKeys.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
        new x509.ExtendedKeyUsageExtension([usage]),
        ...extensions,
      ],
    });
    const key = await webcrypto.subtle.exportKey('pkcs8', subjectKeys.privateKey);
    return { certificatePem: issued.toString('pem'), keyPem: x509.PemConverter.encode(key, 'PRIVATE KEY') };
  };
  return {
    certificatePem: certificate.toString('pem'),
    publicKeyHash: `sha256:${createHash('sha256').update(new Uint8Array(certificate.publicKey.rawData)).digest('hex')}`,
    issueServer: (names) => {
      const alternatives = names.map((value) => ({ type: isAddress(value) ? 'ip' : 'dns', value }) as const);
      const alternativeNames = new x509.SubjectAlternativeNameExtension(alternatives);
      return issue([{ CN: ['kube-apiserver'] }], yearSeconds, x509.ExtendedKeyUsage.serverAuth, [alternativeNames]);
    },
    issueClient: (user, groups, validitySeconds = yearSeconds) => {
      const subject = [...groups.map((group) => ({ O: [group] })), { CN: [user] }];
      return issue(subject, validitySeconds, x509.ExtendedKeyUsage.clientAuth, []);
    },
  };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** Certificates begin five minutes in the past, because clocks differ a little. */
const clockSkewMilliseconds = 300_000;

function validity(seconds: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - clockSkewMilliseconds), notAfter: new Date(Date.now() + seconds * 1000) };
}

function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(8));
  // A serial number must be positive, and DER wants no leading zero byte.
  bytes[0] = 0x40 | (bytes[0]! & 0x3f);
  return Buffer.from(bytes).toString('hex');
}

function isAddress(name: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(name);
}
