import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startStepkube } from '#support/stepkube.ts';
import { processesUnder, samples, samplesFolder } from '#support/twin.ts';

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

const quick = ['--model', 'demo', '--speed', '60', '--port', '0'];

describe('./stepkube start', () => {
  it('./stepkube start --photo --exit saves the annotated picture, tells the objects and leaves nothing behind', async () => {
    const [name, classes] = [...(await samples())].find(([, drawn]) => drawn.length > 0)!;
    await copyFile(join(samplesFolder, name), join(folder, 'photo.jpg'));

    const run = await start('--photo', 'photo.jpg', '--exit', '--output', 'json', ...quick).ended;
    expect(run.exitCode, run.output).toBe(0);
    for (const className of classes) expect(run.stderr).toContain(className);
    const result = JSON.parse(run.stdout);
    const annotatedFile = join(folder, 'photo-annotated.jpg');
    expect(result).toMatchObject({ execution: { status: 'SUCCEEDED' }, photo: { file: 'photo.jpg', annotatedFile } });
    const labels = result.photo.objects.map(({ label }: { label: string }) => label);
    expect(labels).toEqual(expect.arrayContaining([...classes]));
    expect((await sharp(annotatedFile).metadata()).format).toBe('jpeg');
    await expectNothingLeft();
  });

  it('./stepkube start --fault names the failed state and its cause and exits 1', async () => {
    const { exitCode, output } = await start('--exit', '--fault', 'document-fails:install-network:9', ...quick).ended;
    expect(exitCode, output).toBe(1);
    expect(output).toMatch(/InstallNetwork failed: .*install-network on i-[0-9a-f]{17} failed with exit code 1/s);
    expect(output).toContain('/stepkube/commands');
    await expectNothingLeft();
  });

  it('./stepkube start stops everything on Ctrl-C in the middle of a run', async () => {
    const run = start(...quick);
    const url = (await run.printed(/Page: \S*(http:\/\/127\.0\.0\.1:\d+)/))[1]!;
    await run.printed(/Install runtime/);
    run.process.kill('SIGINT');
    run.process.kill('SIGINT'); // an impatient person; npm passes Ctrl-C on as well
    const { exitCode, output } = await run.ended;
    expect(exitCode, output).toBe(130);
    await expect(fetch(url)).rejects.toThrow();
    await expectNothingLeft();
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('./stepkube start stops on %s before the twin is up, with exit code %i', async (signal, code) => {
    const run = start('--model', 'demo', '--port', '0');
    await run.printed(/Synthesizing/);
    run.process.kill(signal);
    const { exitCode, output } = await run.ended;
    expect(exitCode, output).toBe(code);
    await expectNothingLeft();
  });

  it.each([
    [['--photo', 'missing.jpg'], '--photo missing.jpg: no such file'],
    [['--model', 'huge'], '--model huge: must be one of auto, demo, official'],
    [['--speed', '0'], '--speed 0: must be a number above 0, at most 1000'],
    [['--fault', 'meteor:earth'], 'fault "meteor:earth": the name must be one of'],
  ])('./stepkube start refuses %j in one line', async (options, line) => {
    const { exitCode, output } = await start(...options).ended;
    expect(exitCode).toBe(2);
    expect(output.trim()).toContain(line);
    expect(output.trim().split('\n').length).toBe(1);
  });
});

/** Runs the command in an environment with nothing but a PATH and a temporary folder of its own. */
function start(...options: string[]) {
  const env = { PATH: '/usr/bin:/bin', HOME: home, TMPDIR: folder, NO_COLOR: '1' };
  return startStepkube(['start', ...options], { cwd: folder, env });
}

/** The run's temporary folder is TMPDIR: what it forgot is still there. (The CDK keeps a cache in HOME.) */
async function expectNothingLeft(): Promise<void> {
  expect(await processesUnder(folder)).toEqual([]);
  const left = (await readdir(folder)).filter((name) => !name.startsWith('photo'));
  expect(left).toEqual([]);
}
