import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface TelegramCall {
  readonly method: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

interface Refusal {
  readonly status: number;
  readonly description: string;
  readonly retryAfterSeconds?: number;
  readonly migrateToChatId?: number;
}

/** The Bot API on loopback. It records every call. */
export class FakeTelegram implements AsyncDisposable {
  readonly calls: TelegramCall[] = [];
  /** `file_id` -> bytes */
  readonly files = new Map<string, Buffer>();
  /** Method -> the refusals of its next calls, in order. */
  readonly refusals = new Map<string, Refusal[]>();
  /** Status of the download of a file that is not in `files`. */
  missingFileStatus = 404;
  /** Awaited before a file is served. */
  beforeFile: () => Promise<void> = async () => undefined;
  apiRoot = '';
  readonly #changes = new EventEmitter();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });

  static async start(): Promise<FakeTelegram> {
    const telegram = new FakeTelegram();
    await new Promise<void>((resolve) => telegram.#server.listen(0, '127.0.0.1', resolve));
    telegram.apiRoot = `http://127.0.0.1:${(telegram.#server.address() as AddressInfo).port}`;
    return telegram;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  refuse(method: string, ...refusals: Refusal[]): void {
    this.refusals.set(method, refusals);
  }

  callsOf(method: string): readonly TelegramCall[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** Resolves with the n-th call of a method. */
  async nth(method: string, n = 1): Promise<TelegramCall> {
    while (this.callsOf(method).length < n) await once(this.#changes, 'call');
    return this.callsOf(method)[n - 1]!;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('/').slice(1);
    if (path[0] === 'file') {
      await this.beforeFile();
      const bytes = this.files.get(path[3] ?? '');
      return void (bytes === undefined
        ? response.writeHead(this.missingFileStatus).end()
        : response.writeHead(200).end(bytes));
    }
    const method = path[1] ?? '';
    const fields = await fieldsOf(request);
    this.calls.push({ method, fields });
    this.#changes.emit('call');
    const refusal = this.refusals.get(method)?.shift();
    const body =
      refusal === undefined
        ? { ok: true, result: resultOf(method, fields, this.files) }
        : {
            ok: false,
            error_code: refusal.status,
            description: refusal.description,
            parameters: { retry_after: refusal.retryAfterSeconds, migrate_to_chat_id: refusal.migrateToChatId },
          };
    response.writeHead(refusal?.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }
}

function resultOf(
  method: string,
  fields: Readonly<Record<string, unknown>>,
  files: ReadonlyMap<string, Buffer>,
): unknown {
  if (method === 'getMe') return { id: 1, is_bot: true, first_name: 'bot', username: 'test_bot' };
  if (method === 'getFile') {
    const id = String(fields['file_id']);
    return { file_id: id, file_unique_id: id, file_size: files.get(id)?.length, file_path: `photos/${id}` };
  }
  if (method.startsWith('sendC') || method === 'setWebhook') return true;
  return { message_id: 1, date: 0, chat: { id: fields['chat_id'], type: 'private' } };
}

async function fieldsOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const body = await buffer(request);
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('application/json')) return JSON.parse(body.toString() || '{}');
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  const entries = [...form].map(async ([name, value]) => [
    name,
    typeof value === 'string' ? value : Buffer.from(await value.arrayBuffer()),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}
