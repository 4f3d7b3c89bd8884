import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const dayMilliseconds = 86_400_000;

/** A certificate like those of `openssl req -x509`: self-signed, with the name as CN and SAN, valid for a day. */
export async function selfSigned(options: { readonly name: string; readonly notAfter?: Date }) {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const { name, notAfter = new Date(Date.now() + dayMilliseconds) } = options;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    notBefore: new Date(notAfter.getTime() - 2 * dayMilliseconds),
    notAfter,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
  });
  return { pem: certificate.toString('pem') };
}
