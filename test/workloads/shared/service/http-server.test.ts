import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { createTextApp, methodNotAllowed, startHttpServer } from '@stepkube/shared/service/http-server.ts';
import { createLog } from '@stepkube/shared/service/logger.ts';
import { expect, it } from 'vitest';

const lines: string[] = [];
const { log } = createLog({ service: 'test', destination: { write: (line) => void lines.push(line) } });
const listen = (app = createTextApp(log)) => startHttpServer({ host: '127.0.0.1', port: 0, app });

it('HttpServer.stop waits for a running request and does not wait for its keep-alive connection', async () => {
  const [running, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const app = createTextApp(log);
  app.get('/slow', async (context) => {
    running.resolve();
    await release.promise;
    return context.text('done\n');
  });
  const server = await listen(app);
  const agent = new Agent({ keepAlive: true });
  const response = new Promise<IncomingMessage>((resolve, reject) =>
    get({ host: '127.0.0.1', port: server.port, path: '/slow', agent }, resolve).once('error', reject),
  );
  await running.promise;
  let stopped = false;
  const stopping = server.stop().then(() => {
    stopped = true;
  });
  await new Promise(setImmediate);
  expect(stopped).toBe(false);
  release.resolve();
  expect(await text(await response)).toBe('done\n');
  await stopping;
  agent.destroy();
});

it('a text app answers a handler that throws with 500 and logs the error', async () => {
  const app = createTextApp(log);
  app.get('/', () => {
    throw new Error('planted');
  });
  const server = await listen(app);
  const response = await fetch(`http://127.0.0.1:${server.port}/`);
  expect([response.status, await response.text()]).toEqual([500, 'the request could not be answered\n']);
  expect(lines.join('')).toContain('planted');
  await server.stop();
});

it('a text app answers unknown paths with 404, and methodNotAllowed answers 405 with the header allow', async () => {
  const app = createTextApp(log);
  app.all('/', (context) => methodNotAllowed(context, 'POST'));
  expect((await app.request('/other')).status).toBe(404);
  const response = await app.request('/');
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
});

it('startHttpServer rejects when the address is in use', async () => {
  const server = await listen();
  const second = startHttpServer({ host: '127.0.0.1', port: server.port, app: createTextApp(log) });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await server.stop();
});
