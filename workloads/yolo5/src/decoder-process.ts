/**
 * The process in which image files are decoded, apart from the service: a hostile file may crash it, fill its memory or keep it busy,
 * and the service goes on. It has no credentials. decoder/image-decoder.ts starts it with limits of its own.
 *
 * usage: decoder-process.js THREADS MAX_CPU_SECONDS, with an IPC channel
 */
import { writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { type DecodedImage, decodeForModel } from './decoder/decode-for-model.ts';
import type { DecoderRequest, DecoderResponse } from './decoder/messages.ts';
import { UnreadableImageError } from './image/unreadable-image-error.ts';

/** The CPU seconds are for one image, for the model and for the answer. */
const [threads, maxCpuSeconds] = process.argv.slice(2).map(Number) as [number, number];
const cpuCheckMilliseconds = 100;

/** The kernel's choice should the node run out of memory. Not every system has the file. */
try {
  writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {}

// Every image is new: a cache would only hold memory.
sharp.cache(false);
sharp.concurrency(threads);

let image: DecodedImage | undefined;
let cpuAtStart = process.cpuUsage();

process.on('message', (request: DecoderRequest) => {
  if (request.kind === 'decode') cpuAtStart = process.cpuUsage();
  // libvips works in other threads, so that this one has time to look.
  const watch = setInterval(endWhenTooExpensive, cpuCheckMilliseconds);
  handle(request)
    .catch(refusalOf)
    .then((response) => {
      clearInterval(watch);
      send(response);
    });
});
// The service stops this process when its own work is done: Ctrl+C and a kubelet's signal to the group come too early.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit());
send({ kind: 'ready' });

async function handle(request: DecoderRequest): Promise<DecoderResponse> {
  if (request.kind === 'annotate') return { kind: 'annotated', jpeg: await image!.annotate(request.detections) };
  image = undefined;
  image = await decodeForModel(request.bytes, request.side);
  const { width, height, pixels, isDouble } = image;
  return { kind: 'decoded', width, height, pixels, isDouble };
}

function refusalOf(error: unknown): DecoderResponse {
  if (!(error instanceof UnreadableImageError)) throw error;
  const { reason, message, format } = error;
  return { kind: 'refused', reason, message, format };
}

function endWhenTooExpensive(): void {
  const { user, system } = process.cpuUsage(cpuAtStart);
  if (user + system < maxCpuSeconds * 1_000_000) return;
  const message = `decoding takes more than ${maxCpuSeconds} CPU seconds`;
  const refused: DecoderResponse = { kind: 'refused', reason: 'too-large', message, isLast: true };
  process.send?.(refused, () => process.kill(process.pid, 'SIGKILL'));
}

function send(response: DecoderResponse): void {
  process.send?.(response);
}
