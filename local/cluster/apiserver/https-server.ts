/** The HTTPS listener of the API server; clients may authenticate with certificates of the cluster's CA. */
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { IssuedCertificate } from '../pki/pki.ts';

export interface HttpsServerOptions {
  readonly address: string;
  readonly port: number;
  readonly caCertificatePem: string;
  readonly certificate: IssuedCertificate;
}

/** @returns how to close it and all its connections. @throws the listen error */
export async function startHttpsServer(
  { address, port, caCertificatePem, certificate }: HttpsServerOptions,
  onRequest: RequestListener,
): Promise<() => Promise<void>> {
  const server = createServer(
    {
      key: certificate.keyPem,
      cert: certificate.certificatePem,
      ca: caCertificatePem,
      requestCert: true,
      // Service accounts have no certificate; authentication answers a wrong one with 401.
      rejectUnauthorized: false,
      // A watch may be silent for an hour.
      requestTimeout: 0,
    },
    onRequest,
  );
  server.listen(port, address);
  await once(server, 'listening');
  return async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
}
