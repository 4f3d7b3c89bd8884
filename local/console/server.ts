import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import { ChangeNotifier } from './change-notifier.ts';
import { type ConsoleDependencies, consoleApp } from './routes.ts';

export interface ConsoleOptions extends ConsoleDependencies {
  /** 0: any free port. */
  readonly port: number;
}

export interface Console {
  readonly url: string;
  /** Makes open pages show a new snapshot. */
  readonly changed: () => void;
  stop(): Promise<void>;
}

/** Serves the page on 127.0.0.1. @throws the listen error: EADDRINUSE when the port is taken */
export async function startConsole({ port, ...dependencies }: ConsoleOptions): Promise<Console> {
  const changes = new ChangeNotifier();
  const server = await listen(await consoleApp(dependencies, changes), port);
  const address = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${address.port}`,
    changed: () => changes.notify(),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

function listen(app: Hono, port: number): Promise<ReturnType<typeof serve>> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, () => resolve(server));
    server.once('error', reject);
  });
}
