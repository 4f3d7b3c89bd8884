import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { styleText } from 'node:util';
import type { ClusterConfig } from '#infra/config.ts';
import { assemble } from '#local/assembly/assembly.ts';
import { chooseModel } from '#local/assembly/model.ts';
import type { Twin } from '#local/twin.ts';
import { displayExecution } from '../executions/display.ts';
import { assertSucceeded, type ExecutionOutcome, outcomeOf } from '../executions/outcome.ts';
import { untilAborted } from '../signals.ts';
import { writeOperatorFiles } from './operator-files.ts';
import { type Photo, readPhotoFile, sendPhoto } from './photo.ts';
import { startOnFreePort } from './start-on-free-port.ts';
import { surviveStrayErrors } from './stray-errors.ts';

export interface TwinRequest {
  readonly config: ClusterConfig;
  readonly photo?: string | undefined;
  readonly save?: string | undefined;
  /** Leaves once the cluster is ready and the photo answered. */
  readonly exit: boolean;
  readonly json: boolean;
  readonly port?: number | undefined;
  readonly model: 'auto' | 'demo' | 'official';
  readonly speed: number;
  readonly fault: readonly string[];
}

/**
 * Runs the local twin until its work is done, or until the signal with its page.
 * @throws SynthesisError, ModelNotFoundError, ExecutionFailedError, NoAnswerError; the signal's reason
 */
export async function runTwin(request: TwinRequest, signal: AbortSignal): Promise<void> {
  surviveStrayErrors();
  const { config, json } = request;
  const print = json ? console.error : console.log;
  const photo = request.photo === undefined ? undefined : await readPhotoFile(request.photo, request.save);
  const startedAt = performance.now();

  await using cleanup = new AsyncDisposableStack();
  const assemblyFolder = await mkdtemp(join(tmpdir(), 'stepkube-assembly-'));
  cleanup.defer(() => rm(assemblyFolder, { recursive: true, force: true }));
  print(styleText('dim', 'Synthesizing the CDK app and bundling the services …'));
  const [model] = await Promise.all([
    chooseModel(request.model, process.env),
    assemble(config, assemblyFolder, signal),
  ]);
  signal.throwIfAborted();

  const options = { config, assemblyFolder, model, scale: request.speed, faults: request.fault };
  const twin = await startOnFreePort(options, request.port);
  cleanup.defer(() => twin.stop());
  signal.throwIfAborted();
  const [name, url] = [styleText('bold', config.clusterName), styleText('cyan', twin.url)];
  print(`Local twin of ${name}: AWS, Telegram and third-party images are simulated. Page: ${url}`);
  print(`Detector: ${model.title}\n`);

  const execution = await untilAborted(provision(twin, json), signal);
  if (json && execution.status !== 'SUCCEEDED') printJson({ execution });
  assertSucceeded(execution);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  print(`\n${styleText('green', '✔')} The cluster is ready after ${seconds} s.`);

  const answer = photo && (await untilAborted(answerPhoto(twin, photo, print), signal));
  if (json) {
    const annotatedFile = answer?.annotatedFile && resolve(answer.annotatedFile);
    printJson({
      clusterName: config.clusterName,
      model: model.title,
      seconds,
      execution,
      ...(answer && { photo: { ...answer, annotatedFile } }),
    });
  }
  if (request.exit) return;
  print(`\nFor aws, kubectl and ./stepkube in another terminal: source ${await writeOperatorFiles(twin)}`);
  print(`Open ${styleText(['bold', 'cyan'], twin.url)} and drop a photo into the chat. Ctrl-C stops everything.`);
  await untilAborted(new Promise<never>(() => undefined), signal);
}

/** Starts provision-cluster and shows its states until it ends. */
async function provision(twin: Twin, silent: boolean): Promise<ExecutionOutcome> {
  const executionArn = await twin.startProvisioning();
  const outline = await twin.provisioningOutline();
  const follow = (onProgress: Parameters<Twin['follow']>[1]) => twin.follow(executionArn, onProgress);
  return outcomeOf(executionArn, await displayExecution(outline, follow, { silent }));
}

/** A picture that the bot refuses is a failure of the command: exit code 1. */
async function answerPhoto(twin: Twin, photo: Photo, print: (line: string) => void) {
  const answer = await sendPhoto(twin, photo);
  print(`\n${styleText('bold', answer.file)}\n${answer.text}`);
  if (answer.annotatedFile === null) process.exitCode = 1;
  else print(styleText('dim', `annotated picture: ${answer.annotatedFile}`));
  return answer;
}

function printJson(result: object): void {
  console.log(JSON.stringify(result, null, 2));
}
