import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { UnreadableImageError } from '../image/unreadable-image-error.ts';
import type { DecodedImage } from './decode-for-model.ts';
import type { DecoderRequest, DecoderResponse } from './messages.ts';

/** The decoding process ended or was ended while it worked on an image: the image may be the cause. */
export class DecoderLostError extends Error {
  override readonly name = 'DecoderLostError';
}

/** The decoding process does not start. No image is the cause. */
export class DecoderUnavailableError extends Error {
  override readonly name = 'DecoderUnavailableError';
}

export interface ImageDecoderOptions {
  /** decoder-process.ts or its bundle. */
  readonly program: URL;
  readonly threads: number;
  /** Private memory that the process may have; an allocation above it fails. */
  readonly memoryMebibytes?: number;
  /** For one request. */
  readonly deadlineSeconds?: number;
  /** For one image, with its annotation. */
  readonly maxCpuSeconds?: number;
  readonly onLost?: (error: DecoderLostError) => void;
}

/**
 * Enough for the most expensive images that limits.ts admits (docs/measurements.md), with V8's heap and the stacks of all threads;
 * it and the service together stay below the pod's limit, so that the kernel has no reason to end the pod.
 */
const defaultMemoryMebibytes = 1024;
const defaultDeadlineSeconds = 20;
const defaultMaxCpuSeconds = 5;
const startSeconds = 20;

/** Node has no call that limits memory. The limit of address space does not fit: V8 reserves far more than it uses. */
const withLimitedMemory = 'ulimit -d "$0" && exec "$@"';

/**
 * The limit counts what V8 reserves for compiled code, half a gigabyte. The process's own code has little to do, and memory that is both
 * writable and executable is better not there when hostile bytes are.
 */
const v8Options = ['--jitless', '--v8-pool-size=1'];

/** Of the service's environment the process gets what it needs to run, and no credentials. */
const passedVariables = /^(?:PATH|LD_LIBRARY_PATH|MALLOC_.*|UV_THREADPOOL_SIZE|NODE_V8_COVERAGE)$/;

type Answer<Kind> = Extract<DecoderResponse, { readonly kind: Kind }>;

/**
 * Decodes images in a process of its own that can be lost without the service: it has a deadline, a limit of CPU time and a limit of
 * memory. A lost process is replaced. Takes one image at a time.
 */
export class ImageDecoder implements AsyncDisposable {
  readonly #options: ImageDecoderOptions;
  #process: Promise<ChildProcess> | undefined;
  #isStopped = false;

  constructor(options: ImageDecoderOptions) {
    this.#options = options;
  }

  /** Starts the process, so that the first image does not wait for it. @throws DecoderUnavailableError */
  async start(): Promise<this> {
    await this.#running();
    return this;
  }

  /** The result's `annotate` must be called before the next `decode`. @throws UnreadableImageError, DecoderLostError, DecoderUnavailableError */
  async decode(bytes: Uint8Array, side: number): Promise<DecodedImage> {
    const decoder = await this.#running();
    const { width, height, pixels, isDouble } = await this.#ask(decoder, { kind: 'decode', bytes, side }, 'decoded');
    return {
      width,
      height,
      pixels,
      isDouble,
      annotate: async (detections) => (await this.#ask(decoder, { kind: 'annotate', detections }, 'annotated')).jpeg,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    const decoder = await this.#process?.catch(() => undefined);
    decoder?.kill('SIGKILL');
    if (decoder !== undefined) await ended(decoder);
  }

  #running(): Promise<ChildProcess> {
    this.#process ??= this.#spawn().catch((error) => {
      this.#process = undefined;
      throw error;
    });
    return this.#process;
  }

  async #spawn(): Promise<ChildProcess> {
    const { program, threads, maxCpuSeconds = defaultMaxCpuSeconds } = this.#options;
    const { memoryMebibytes = defaultMemoryMebibytes } = this.#options;
    const file = fileURLToPath(program);
    // Node strips types by WebAssembly, which --jitless does not have.
    const options = file.endsWith('.ts') ? process.execArgv : [...process.execArgv, ...v8Options];
    const command = [process.execPath, ...options, file, String(threads), String(maxCpuSeconds)];
    const decoder = spawn('/bin/sh', ['-c', withLimitedMemory, String(memoryMebibytes * 1024), ...command], {
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => passedVariables.test(name))),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced', // bytes stay bytes
    });
    // Stopping the service does not wait for it: it ends with its channel.
    decoder.unref();
    decoder.channel?.unref();
    const answer = await nextAnswer(decoder, startSeconds);
    if (answer.kind !== 'ready') {
      const text = 'text' in answer ? answer.text : answer.kind;
      throw new DecoderUnavailableError(`the decoding process does not start: ${text}`);
    }
    const replace = () => {
      this.#process = undefined;
      // The next image should not wait for the start.
      if (!this.#isStopped) this.#running().catch(() => undefined);
    };
    if (hasEnded(decoder)) replace();
    else decoder.once('exit', replace);
    return decoder;
  }

  async #ask<Kind extends DecoderResponse['kind']>(
    decoder: ChildProcess,
    request: DecoderRequest,
    kind: Kind,
  ): Promise<Answer<Kind>> {
    const { deadlineSeconds = defaultDeadlineSeconds, onLost } = this.#options;
    const answering = nextAnswer(decoder, deadlineSeconds);
    if (decoder.connected) decoder.send(request);
    const answer = await answering;
    if (answer.kind === kind) return answer as Answer<Kind>;
    if (answer.kind === 'refused' && answer.isLast) await ended(decoder);
    if (answer.kind === 'refused') throw new UnreadableImageError(answer.reason, answer.message, formatOf(answer));
    const lost = new DecoderLostError(`the decoding process was lost: ${'text' in answer ? answer.text : answer.kind}`);
    onLost?.(lost);
    throw lost;
  }
}

const formatOf = ({ format }: Answer<'refused'>) => (format === undefined ? {} : { format });
const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

async function ended(decoder: ChildProcess): Promise<void> {
  decoder.ref();
  if (!hasEnded(decoder)) await once(decoder, 'exit');
}

interface NoAnswer {
  readonly kind: 'none';
  readonly text: string;
}

/** The next message, or why none comes; a process that lets the time pass is killed. */
function nextAnswer(decoder: ChildProcess, seconds: number): Promise<DecoderResponse | NoAnswer> {
  return new Promise((resolve) => {
    const settle = (answer: DecoderResponse | NoAnswer) => {
      clearTimeout(deadline);
      decoder.off('message', onMessage).off('exit', onExit).off('error', onError);
      resolve(answer);
    };
    const none = (text: string) => settle({ kind: 'none', text });
    const onMessage = (message: unknown) => settle(message as DecoderResponse);
    let isLate = false;
    const onExit = (code: number | null, signal: string | null) =>
      none(isLate ? `no answer within ${seconds} s` : `it ended by ${signal ?? `exit code ${code}`}`);
    const onError = (error: Error) => none(error.message);
    const deadline = setTimeout(() => {
      isLate = true;
      decoder.ref();
      decoder.kill('SIGKILL');
    }, seconds * 1000);
    decoder.on('message', onMessage).on('exit', onExit).on('error', onError);
    if (hasEnded(decoder)) onExit(decoder.exitCode, decoder.signalCode);
  });
}
