import { connect } from 'node:tls';
import type { Kubeconfig } from '../shared/cluster/kubeconfig.ts';

const timeoutMilliseconds = 5000;

/**
 * When the API server's certificate ends. Nothing is sent to the server, so that one whose certificate has ended, or is not trusted, can be
 * asked, too. @returns undefined while nobody answers
 */
export function serverCertificateEnd({ server }: Kubeconfig, signal: AbortSignal): Promise<Date | undefined> {
  const { hostname: host, port } = new URL(server);
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port || 443), rejectUnauthorized: false });
    const end = (date: Date | undefined) => {
      signal.removeEventListener('abort', giveUp);
      socket.destroy();
      resolve(date);
    };
    const giveUp = () => end(undefined);
    signal.addEventListener('abort', giveUp);
    socket.setTimeout(timeoutMilliseconds, giveUp);
    socket.once('error', giveUp);
    socket.once('secureConnect', () => end(socket.getPeerX509Certificate()?.validToDate));
  });
}
