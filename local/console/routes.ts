/** The HTTP interface of the page. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import type { Chat } from '../telegram/chat.ts';
import type { OutgoingFile, Person } from '../telegram/person.ts';
import { type Action, action } from './actions.ts';
import type { ChangeNotifier } from './change-notifier.ts';
import { bundlePage, readPageFile } from './page-files.ts';
import type { Snapshot } from './snapshot.ts';
import type { StateInspection } from './state-inspection.ts';
import type { UsageView } from './usage.ts';

export interface ConsoleDependencies {
  readonly snapshot: () => Snapshot;
  readonly chat: Chat;
  readonly person: Person;
  /** Folder with the sample pictures that the snapshot names. */
  readonly samplesFolder: string;
  readonly usage: () => Promise<UsageView>;
  /** Rejects with what AWS says against it. */
  readonly act: (action: Action) => Promise<void>;
  /** What there is to show of a state; undefined when its execution has not entered it. */
  readonly inspect: (state: { executionArn: string; name: string }) => Promise<StateInspection | undefined>;
  /** Starts another execution of provision-cluster. */
  readonly startExecution: () => Promise<void>;
}

/** Changes come in bursts: a page gets at most ten snapshots a second. */
const snapshotIntervalMilliseconds = 100;
const maxUploadBytes = 50_000_000;
const messageInput = z.object({ text: z.string().max(4096).regex(/\S/) });

export async function consoleApp(dependencies: ConsoleDependencies, changes: ChangeNotifier): Promise<Hono> {
  const script = await bundlePage();
  const app = new Hono();
  app.use(protect);
  app.get('/', async (context) => context.html(await readPageFile('index.html')));
  app.get('/style.css', async (context) => context.body(await readPageFile('style.css'), 200, contentType('text/css')));
  app.get('/app.js', (context) => context.body(script, 200, contentType('text/javascript')));
  app.get('/api/snapshots', (context) => streamSnapshots(context, dependencies.snapshot, changes));
  app.get('/api/usage', async (context) => context.json(await dependencies.usage()));
  app.post('/api/executions', async (context) => {
    await dependencies.startExecution();
    return context.body(null, 202);
  });
  app.get('/api/executions/:arn/states/:name', async (context) => {
    const { arn: executionArn, name } = context.req.param();
    try {
      const details = await dependencies.inspect({ executionArn, name });
      return details === undefined ? context.text(`${name} was not entered`, 404) : context.json(details);
    } catch (error) {
      return context.text((error as Error).message, 404);
    }
  });
  app.post('/api/actions', async (context) => {
    const given = action.safeParse(await context.req.json().catch(() => undefined));
    if (!given.success) return context.text(z.prettifyError(given.error), 400);
    try {
      await dependencies.act(given.data);
    } catch (error) {
      return context.text((error as Error).message, 409);
    }
    return context.body(null, 202);
  });
  addChatRoutes(app, dependencies);
  addSampleRoutes(app, dependencies);
  return app;
}

/** Lets only the page itself call the twin: other sites must neither read it nor start something, also not by DNS rebinding. */
const protect: MiddlewareHandler = async (context, next) => {
  const [origin, host = ''] = [context.req.header('origin'), context.req.header('host')];
  const isLocal = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
  if (!isLocal || (origin !== undefined && hostOf(origin) !== host)) {
    return context.text('only this page may call the twin', 403);
  }
  context.header('content-security-policy', "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'");
  context.header('x-content-type-options', 'nosniff');
  return next();
};

/** undefined for `null`, which is the origin of a sandboxed page and of a local file. */
const hostOf = (origin: string): string | undefined => URL.parse(origin)?.host;

/** Server-sent events: a snapshot at once and after each change. */
function streamSnapshots(context: Context, snapshot: () => Snapshot, changes: ChangeNotifier): Response {
  return streamSSE(context, async (stream) => {
    let wake: () => void = () => undefined;
    const unsubscribe = changes.subscribe(() => wake());
    stream.onAbort(() => {
      unsubscribe();
      wake();
    });
    while (!stream.aborted) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await stream.writeSSE({ data: JSON.stringify(snapshot()) });
      await changed;
      await stream.sleep(snapshotIntervalMilliseconds);
    }
  });
}

function addChatRoutes(app: Hono, { chat, person }: ConsoleDependencies): void {
  app.post('/api/messages', async (context) => {
    const input = messageInput.safeParse(await context.req.json().catch(() => undefined));
    if (!input.success) return context.text('text: 1 to 4096 characters', 400);
    return context.json({ id: person.sendText(input.data.text).id }, 202);
  });
  app.post('/api/files', async (context) => {
    if (Number(context.req.header('content-length') ?? Number.POSITIVE_INFINITY) > maxUploadBytes) {
      return context.text('file: at most 50 MB together', 413);
    }
    const form = await context.req.formData().catch(() => undefined);
    if (form === undefined) return context.text('the body is no form', 400);
    const files = form.getAll('file').filter((field) => field instanceof File);
    if (files.length === 0) return context.text('file: missing', 400);
    const caption = form.get('caption');
    const outgoing = await Promise.all(files.map(outgoingFile));
    const messages = await person.sendFiles(outgoing, typeof caption === 'string' ? caption : undefined);
    return context.json({ ids: messages.map(({ id }) => id) }, 202);
  });
  app.get('/api/files/:id', (context) => {
    const file = chat.file(context.req.param('id'));
    if (file === undefined) return context.notFound();
    // Only pictures keep their type: anything else must not run as a document of the page.
    const type = file.mimeType.startsWith('image/') ? file.mimeType : 'application/octet-stream';
    return context.body(Uint8Array.from(file.bytes), 200, { 'content-type': type });
  });
}

function addSampleRoutes(app: Hono, { snapshot, person, samplesFolder }: ConsoleDependencies): void {
  /** undefined: not a sample; so no other file of the machine can be asked for. */
  const readSample = async (name: string) => {
    const isSample = snapshot().about.samples.includes(name);
    return isSample ? readFile(join(samplesFolder, name)) : undefined;
  };
  app.get('/api/samples/:name', async (context) => {
    const bytes = await readSample(context.req.param('name'));
    if (bytes === undefined) return context.notFound();
    return context.body(bytes, 200, { 'content-type': 'image/jpeg' });
  });
  app.post('/api/samples/:name', async (context) => {
    const name = context.req.param('name');
    const bytes = await readSample(name);
    if (bytes === undefined) return context.notFound();
    const message = await person.sendFile(name, 'image/jpeg', bytes);
    return context.json({ id: message.id }, 202);
  });
}

async function outgoingFile(file: File): Promise<OutgoingFile> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return { name: file.name, mimeType: file.type || 'application/octet-stream', bytes };
}

function contentType(type: 'text/css' | 'text/javascript'): Record<string, string> {
  return { 'content-type': `${type}; charset=utf-8` };
}
