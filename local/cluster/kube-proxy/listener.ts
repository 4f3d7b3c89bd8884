/** One listener of a load balancer or of a Service's cluster IP. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Target {
  readonly host: string;
  readonly port: number;
}

export interface Listener {
  /** The port it listens on. Undefined until it listens. */
  port(): number | undefined;
  setTargets(targets: readonly Target[]): void;
  close(): Promise<void>;
}

const connectTimeoutMilliseconds = 2000;

/**
 * Connections that were made before a target left stay with it until either side ends them: that is what the
 * deregistration delay of a network load balancer gives them.
 * @param port 0: any free one
 */
export function startListener(address: string, port: number, onListening?: () => void): Listener {
  let targets: readonly Target[] = [];
  let next = 0;
  const sockets = new Set<Socket>();
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (client) => {
    track(client);
    next += 1;
    const order = targets.map((_target, index) => targets[(next + index) % targets.length]!);
    forward(client, order, track);
  });
  server.listen(port, address, onListening);
  return {
    port: () => (server.listening ? (server.address() as AddressInfo).port : undefined),
    setTargets: (wanted) => {
      targets = wanted;
    },
    close: async () => {
      if (!server.listening) await once(server, 'listening');
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Tries each target once; a client finds a closed door when none answers. */
function forward(client: Socket, targets: readonly Target[], track: (socket: Socket) => void): void {
  const [target, ...rest] = targets;
  if (!target || client.destroyed) {
    client.destroy();
    return;
  }
  const upstream = connect({ ...target, allowHalfOpen: true });
  const timer = setTimeout(() => upstream.destroy(new Error('connect timed out')), connectTimeoutMilliseconds);
  const fail = (): void => {
    clearTimeout(timer);
    upstream.destroy();
    forward(client, rest, track);
  };
  upstream.once('error', fail);
  upstream.once('connect', () => {
    clearTimeout(timer);
    upstream.off('error', fail);
    track(upstream);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
    client.resume();
  });
}
