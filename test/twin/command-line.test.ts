import { type ChildProcess, spawn } from 'node:child_process';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processesUnder, repository, samples, samplesFolder } from '#support/twin.ts';

let folder: string;
let home: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stepkube-test-'));
  home = await mkdtemp(join(tmpdir(), 'stepkube-home-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(home, { recursive: true, force: true });
});

describe('npm start', () => {
  it('--photo --exit saves the annotated picture, prints the objects and leaves nothing behind', async () => {
    const [name, classes] = [...(await samples())].find(([, drawn]) => drawn.length > 0)!;
    await copyFile(join(samplesFolder, name), join(folder, 'photo.jpg'));

    const run = start('--photo', 'photo.jpg', '--exit', '--model', 'demo', '--speed', '60', '--port', '0');
    const { code, output } = await run.ended;
    expect(code, output).toBe(0);
    for (const className of classes) expect(output).toContain(className);
    expect((await sharp(join(folder, 'photo-annotated.jpg')).metadata()).format).toBe('jpeg');
    await expectNothingLeft();
  });

  it('names the failed state and its cause and exits 1', async () => {
    const run = start(
      '--exit',
      '--fault',
      'document-fails:install-network:9',
      '--model',
      'demo',
      '--speed',
      '60',
      '--port',
      '0',
    );
    const { code, output } = await run.ended;
    expect(code, output).toBe(1);
    expect(output).toMatch(/InstallNetwork failed: .*install-network on i-[0-9a-f]{17} failed with exit code 1/s);
    await expectNothingLeft();
  });

  it('stops on Ctrl-C in the middle of a run', async () => {
    const run = start('--model', 'demo', '--speed', '60', '--port', '0');
    const url = (await run.printed(/Page: \S*(http:\/\/127\.0\.0\.1:\d+)/))[1]!;
    await run.printed(/Install runtime/);
    run.process.kill('SIGINT');
    run.process.kill('SIGINT'); // an impatient person; npm passes Ctrl-C on as well
    const { code, output } = await run.ended;
    expect(code, output).toBe(130);
    await expect(fetch(url)).rejects.toThrow();
    await expectNothingLeft();
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('stops on %s while the app is synthesized', async (signal, exitCode) => {
    const run = start('--model', 'demo', '--port', '0');
    await run.printed(/Synthesizing/);
    run.process.kill(signal);
    const { code, output } = await run.ended;
    expect(code, output).toBe(exitCode);
    await expectNothingLeft();
  });

  it.each([
    [['--photo', 'missing.jpg'], '--photo missing.jpg: no such file'],
    [['--model', 'huge'], '--model huge: must be one of auto, demo, official'],
    [['--speed', '0'], '--speed 0: must be a number above 0, at most 1000'],
    [['--fault', 'meteor:earth'], 'fault "meteor:earth": the name must be one of'],
  ])('%j is answered in one line', async (options, line) => {
    const { code, output } = await start(...options).ended;
    expect(code).toBe(1);
    expect(output.trim()).toContain(line);
    expect(output.trim().split('\n').length).toBe(1);
  });
});

/** Runs the command in an environment with nothing but a PATH and a temporary folder of its own. */
function start(...options: string[]) {
  const child: ChildProcess = spawn(process.execPath, [join(repository, 'cli/start.ts'), ...options], {
    cwd: folder,
    env: { PATH: '/usr/bin:/bin', HOME: home, TMPDIR: folder, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, output }));
  });
  const printed = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(output);
        if (match) resolve(match);
      };
      listeners.add(look);
      child.on('close', () => reject(new Error(`ended without printing ${pattern}:\n${output}`)));
      look();
    });
  return { process: child, ended, printed };
}

/** The run's temporary folder is TMPDIR: what it forgot is still there. (The CDK keeps a cache in HOME.) */
async function expectNothingLeft(): Promise<void> {
  expect(await processesUnder(folder)).toEqual([]);
  const left = (await readdir(folder)).filter((name) => !name.startsWith('photo'));
  expect(left).toEqual([]);
}
