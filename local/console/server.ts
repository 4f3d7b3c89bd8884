import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { build } from 'esbuild';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Chat } from '../telegram/chat.ts';
import type { Person, PickedFile } from '../telegram/person.ts';
import type { Snapshot } from './snapshot.ts';
import type { UsageView } from './usage.ts';

export interface ConsoleOptions {
  readonly port: number;
  readonly snapshot: () => Snapshot;
  readonly chat: Chat;
  readonly person: Person;
  /** Folder with the sample pictures named in the snapshot. */
  readonly samplesFolder: string;
  readonly usage: () => Promise<UsageView>;
  /** Starts the provision-cluster machine once more. */
  readonly startExecution: () => Promise<void>;
}

export interface Console {
  readonly url: string;
  /** Tells open pages to show a new snapshot. */
  readonly changed: () => void;
  stop(): Promise<void>;
}

const pageFolder = join(import.meta.dirname, 'page');
/** Changes come in bursts: pages get at most ten snapshots a second. */
const burstMilliseconds = 100;
/** Telegram's apps take documents up to 2 GB; bots read 20 MB of them. */
const maxUploadBytes = 50_000_000;

/** Serves the page on 127.0.0.1. @throws the listen error, EADDRINUSE when the port is taken. */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const script = await bundlePage();
  const watchers = new Set<() => void>();
  const app = new Hono();

  app.use(async (context, next) => {
    const { origin, host } = { origin: context.req.header('origin'), host: context.req.header('host') ?? '' };
    const local = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
    if (!local || (origin !== undefined && new URL(origin).host !== host))
      return context.text('only this page may call the twin', 403);
    context.header('content-security-policy', "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'");
    context.header('x-content-type-options', 'nosniff');
    return next();
  });
  app.get('/', async (context) => context.html(await readFile(join(pageFolder, 'index.html'), 'utf8')));
  app.get('/style.css', async (context) =>
    context.body(await readFile(join(pageFolder, 'style.css'), 'utf8'), 200, {
      'content-type': 'text/css; charset=utf-8',
    }),
  );
  app.get('/app.js', (context) => context.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  app.get('/api/snapshots', (context) =>
    streamSSE(context, async (stream) => {
      let wake: () => void = () => undefined;
      const notify = () => wake();
      watchers.add(notify);
      stream.onAbort(() => {
        watchers.delete(notify);
        wake();
      });
      while (!stream.aborted) {
        const woken = new Promise<void>((resolve) => (wake = resolve));
        await stream.writeSSE({ data: JSON.stringify(options.snapshot()) });
        await woken;
        await stream.sleep(burstMilliseconds);
      }
    }),
  );
  app.get('/api/usage', async (context) => context.json(await options.usage()));
  app.get('/api/files/:id', (context) => {
    const file = options.chat.file(context.req.param('id'));
    if (file === undefined) return context.notFound();
    const type = file.mimeType.startsWith('image/') ? file.mimeType : 'application/octet-stream';
    return context.body(Uint8Array.from(file.bytes), 200, { 'content-type': type });
  });
  app.get('/api/samples/:name', async (context) => {
    const name = sampleName(options, context.req.param('name'));
    return name === undefined
      ? context.notFound()
      : context.body(await readFile(join(options.samplesFolder, name)), 200, { 'content-type': 'image/jpeg' });
  });
  app.post('/api/messages', async (context) => {
    const { text } = (await context.req.json()) as { text?: unknown };
    if (typeof text !== 'string' || text.trim() === '' || text.length > 4096)
      return context.text('text: 1 to 4096 characters', 400);
    return context.json({ id: options.person.sendText(text).id }, 202);
  });
  app.post('/api/files', async (context) => {
    if (Number(context.req.header('content-length') ?? Number.POSITIVE_INFINITY) > maxUploadBytes)
      return context.text('file: at most 50 MB together', 413);
    const form = await context.req.formData();
    const files = form.getAll('file').filter((field) => field instanceof File);
    if (files.length === 0) return context.text('file: missing', 400);
    const caption = form.get('caption');
    const messages = await options.person.sendFiles(
      await Promise.all(files.map(picked)),
      typeof caption === 'string' ? caption : undefined,
    );
    return context.json({ ids: messages.map(({ id }) => id) }, 202);
  });
  app.post('/api/samples/:name', async (context) => {
    const name = sampleName(options, context.req.param('name'));
    if (name === undefined) return context.notFound();
    const message = await options.person.sendFile(
      name,
      'image/jpeg',
      await readFile(join(options.samplesFolder, name)),
    );
    return context.json({ id: message.id }, 202);
  });
  app.post('/api/executions', async (context) => {
    await options.startExecution();
    return context.body(null, 202);
  });

  const server = await listen(app, options.port);
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    changed: () => {
      for (const notify of watchers) notify();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

async function picked(file: File): Promise<PickedFile> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return { name: file.name, mimeType: file.type || 'application/octet-stream', bytes };
}

function sampleName(options: ConsoleOptions, wanted: string): string | undefined {
  return options.snapshot().about.samples.find((name) => name === wanted);
}

async function bundlePage(): Promise<string> {
  const result = await build({
    entryPoints: [join(pageFolder, 'app.tsx')],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  });
  return result.outputFiles[0]!.text;
}

function listen(app: Hono, port: number): Promise<ReturnType<typeof serve>> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, () => resolve(server));
    server.once('error', reject);
  });
}
