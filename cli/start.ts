import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import colors from 'picocolors';
import { parseConfig } from '#infra/config.ts';
import { assemble } from '#local/assembly/assembly.ts';
import { chooseModel } from '#local/assembly/model.ts';
import { createFaultPlan, faultNames } from '#local/context/faults.ts';
import { askBot, readPhoto } from '#local/telegram/ask-bot.ts';
import { startTwin, type Twin } from '#local/twin.ts';
import config from '../cluster.config.ts';
import { displayExecution } from './execution-display.ts';
import { InvalidArgumentError, oneOf, wholeNumber } from './options.ts';

const help = `Usage: npm start -- [options]

Runs stepkube's local twin: synthesizes the CDK app, deploys the template to a simulated AWS account on this machine,
starts the provision-cluster execution and serves a page with a chat in which the bot answers photos.

  --photo FILE        once the cluster is ready, send this picture to the bot and save the annotated one
  --output FILE       where to save it (default: <name of FILE>-annotated.jpg in this folder)
  --exit              leave when the cluster is ready (and the photo answered) instead of serving the page
  --port PORT         port of the page on 127.0.0.1 (default: 8080, or the next free one)
  --model NAME        auto (default), demo or official; YOLO5_MODEL=FILE.onnx [YOLO5_LABELS=FILE.txt] takes your own
  --speed FACTOR      how many times faster than real time simulated waiting runs (default: 20)
  --fault NAME:SUBJECT[:TIMES]
                      make something fail, e.g. join-fails:worker; may be repeated
                      names: ${faultNames.join(', ')}
  -h, --help          this text`;

const stopping = new AbortController();
// A signal that comes again changes nothing: leaving at once would leave the pods' and scripts' processes behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort(signal));
// What fails where nobody waits for it (a timer, a socket, a terminal that went away) is shown and counts as a failure,
// and the twin lives on to stop its processes.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => {
    console.error(`\n${colors.red('✖')} an error outside of every request:`, error);
    process.exitCode = 1;
  });
}

try {
  await main();
} catch (error) {
  if (stopping.signal.aborted) {
    process.exitCode = 128 + constants.signals[stopping.signal.reason as 'SIGINT' | 'SIGTERM' | 'SIGHUP'];
  } else {
    console.error(`\n${colors.red('✖')} ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      photo: { type: 'string' },
      output: { type: 'string' },
      exit: { type: 'boolean', default: false },
      port: { type: 'string' },
      model: { type: 'string', default: 'auto' },
      speed: { type: 'string', default: '20' },
      fault: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(help);
  const clusterConfig = parseConfig(config);
  const model = oneOf('--model', values.model, ['auto', 'demo', 'official']);
  const scale = positive('--speed', values.speed);
  const port = values.port === undefined ? undefined : wholeNumber('--port', values.port, 0, 65_535);
  const photo = values.photo === undefined ? undefined : { file: values.photo, bytes: await readPhoto(values.photo) };
  createFaultPlan(values.fault); // refuses a wrong one before the work begins
  const startedAt = performance.now();

  await using cleanup = new AsyncDisposableStack();
  const assemblyFolder = await mkdtemp(join(tmpdir(), 'stepkube-assembly-'));
  cleanup.defer(() => rm(assemblyFolder, { recursive: true, force: true }));
  console.log(colors.dim('Synthesizing the CDK app and bundling the services …'));
  const [chosen] = await Promise.all([
    chooseModel(model, process.env),
    assemble(clusterConfig, assemblyFolder, stopping.signal),
  ]);
  stopping.signal.throwIfAborted();

  const options = { config: clusterConfig, assemblyFolder, model: chosen, scale, faults: values.fault };
  const twin = await startOnFreePort(options, port);
  cleanup.defer(() => twin.stop());
  stopping.signal.throwIfAborted();
  console.log(
    `Local twin of ${colors.bold(clusterConfig.clusterName)}: AWS, Telegram and third-party images are simulated. Page: ${colors.cyan(twin.url)}`,
  );
  console.log(`Detector: ${chosen.title}\n`);

  await untilStopped(provision(twin));
  console.log(`\n${colors.green('✔')} The cluster is ready after ${seconds(startedAt)} s.`);
  if (photo !== undefined) await untilStopped(showAnswer(twin, photo, values.output));
  if (values.exit) return;
  console.log(`\nOpen ${colors.bold(colors.cyan(twin.url))} and drop a photo into the chat. Ctrl-C stops everything.`);
  await untilStopped(new Promise<never>(() => undefined));
}

/** Starts provision-cluster and shows its states until it ends. @throws ExecutionFailedError */
async function provision(twin: Twin): Promise<unknown> {
  const executionArn = await twin.startProvisioning();
  return displayExecution(await twin.provisioningOutline(), (onProgress) => twin.follow(executionArn, onProgress));
}

async function showAnswer(
  twin: Twin,
  photo: { file: string; bytes: Uint8Array },
  output: string | undefined,
): Promise<void> {
  const { text, saved } = await askBot(twin.telegram, photo.file, photo.bytes, output);
  console.log(`\n${colors.bold(photo.file)}\n${text}`);
  if (saved === undefined) process.exitCode = 1;
  else console.log(colors.dim(`annotated picture: ${saved}`));
}

/** Without --port a taken 8080 is no reason to fail. */
async function startOnFreePort(
  options: Omit<Parameters<typeof startTwin>[0], 'port'>,
  port: number | undefined,
): Promise<Twin> {
  try {
    return await startTwin({ ...options, port: port ?? 8080 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (port !== undefined) throw new InvalidArgumentError(`--port ${port}: is in use; choose another`);
    return startTwin({ ...options, port: 0 });
  }
}

/** Rejects as soon as a signal asks the twin to stop. */
async function untilStopped<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(stopping.signal.reason);
  stopping.signal.addEventListener('abort', stop, { once: true });
  if (stopping.signal.aborted) stop();
  try {
    return await Promise.race([work, promise]);
  } finally {
    stopping.signal.removeEventListener('abort', stop);
  }
}

function positive(option: string, value: string): number {
  const number = Number(value);
  if (!(number > 0 && number <= 1000))
    throw new InvalidArgumentError(`${option} ${value}: must be a number above 0, at most 1000`);
  return number;
}

function seconds(startedAt: number): number {
  return Math.round((performance.now() - startedAt) / 1000);
}
