/** Kubeconfig files as kubeadm writes them. */
import { stringify } from 'yaml';
import type { IssuedCertificate } from './pki.ts';

export function kubeconfigFor(user: {
  readonly clusterName: string;
  readonly server: string;
  readonly caCertificatePem: string;
  readonly userName: string;
  readonly credentials: IssuedCertificate;
}): string {
  const { clusterName, server, caCertificatePem, userName, credentials } = user;
  const context = `${userName}@${clusterName}`;
  const encode = (text: string) => Buffer.from(text).toString('base64');
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: clusterName, cluster: { 'certificate-authority-data': encode(caCertificatePem), server } }],
      contexts: [{ name: context, context: { cluster: clusterName, user: userName } }],
      'current-context': context,
      preferences: {},
      users: [
        {
          name: userName,
          user: {
            'client-certificate-data': encode(credentials.certificatePem),
            'client-key-data': encode(credentials.keyPem),
          },
        },
      ],
    },
    { lineWidth: 0 },
  );
}
