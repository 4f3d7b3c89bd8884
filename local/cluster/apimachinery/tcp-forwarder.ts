/** A TCP listener that forwards each connection to one of its targets in turn: a port of a Service or load balancer. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Target {
  readonly host: string;
  readonly port: number;
  /** Asked for each connection: without a yes it ends. @default always */
  readonly admits?: () => boolean;
}

export interface TcpForwarder {
  /** The port it listens on; undefined until it listens. */
  port(): number | undefined;
  /** @param maxAttempts how many of them a connection may try. @default each once */
  setTargets(targets: readonly Target[], maxAttempts?: number): void;
  close(): Promise<void>;
}

export interface TcpForwarderOptions {
  readonly onListening?: () => void;
  /** Asked for each connection before a target is chosen: without a yes it ends. @default always */
  readonly admits?: () => Promise<boolean>;
}

const connectTimeoutMilliseconds = 2000;

/**
 * A connection stays with its target until either side ends it, even when the target is no longer in the list: so does the
 * deregistration delay of a network load balancer.
 * @param port 0: any free one
 */
export function startTcpForwarder(
  address: string,
  port: number,
  { onListening, admits }: TcpForwarderOptions = {},
): TcpForwarder {
  let targets: readonly Target[] = [];
  let attempts = 0;
  let nextTarget = 0;
  const sockets = new Set<Socket>();
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, async (client) => {
    track(client);
    if (admits && !(await admits())) return void client.destroy();
    nextTarget += 1;
    const order = targets.map((_target, index) => targets[(nextTarget + index) % targets.length]!);
    forward(client, order.slice(0, attempts), track);
  });
  server.listen(port, address, onListening);
  return {
    port: () => (server.listening ? (server.address() as AddressInfo).port : undefined),
    setTargets: (newTargets, maxAttempts = newTargets.length) => {
      targets = newTargets;
      attempts = maxAttempts;
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

/** Tries one target after the other; the client's connection is closed when none answers. */
function forward(client: Socket, targets: readonly Target[], track: (socket: Socket) => void): void {
  const [target, ...others] = targets;
  if (!target || client.destroyed || target.admits?.() === false) {
    client.destroy();
    return;
  }
  const upstream = connect({ host: target.host, port: target.port, allowHalfOpen: true });
  const timer = setTimeout(() => upstream.destroy(new Error('connect timed out')), connectTimeoutMilliseconds);
  const tryNext = (): void => {
    clearTimeout(timer);
    upstream.destroy();
    forward(client, others, track);
  };
  upstream.once('error', tryNext);
  upstream.once('connect', () => {
    clearTimeout(timer);
    upstream.off('error', tryNext);
    track(upstream);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
    client.resume();
  });
}
