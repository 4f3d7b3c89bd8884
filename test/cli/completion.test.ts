import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { verbNames } from '#cli/load-verbs.ts';
import { bareEnvironment, launcher, runStepkube } from '#support/stepkube.ts';

/**
 * Lets bash complete a command line as Tab does.
 * @param words as bash splits them, the command first; the last one is being typed
 */
async function completeInBash(...words: string[]): Promise<string[]> {
  const script = `
    source <("$1" completion bash)
    function_of() { local words; read -ra words <<< "$(complete -p stepkube)"; echo "\${words[-2]}"; }
    COMP_WORDS=("\${@:2}") COMP_CWORD=$(( $# - 2 ))
    "$(function_of)" "$2" "\${COMP_WORDS[-1]}" "\${COMP_WORDS[-2]}"
    (( \${#COMPREPLY[@]} == 0 )) || printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['--norc', '--noprofile', '-euc', script, 'bash', launcher, ...words];
  const { stdout } = await promisify(execFile)('bash', args, { env: bareEnvironment });
  return stdout.split('\n').filter((line) => line !== '');
}

describe('completion in bash', () => {
  it('bash completes the verbs', async () => {
    const verbs = verbNames.filter((name) => name !== 'complete');
    expect((await completeInBash(launcher, '')).sort()).toEqual(['--help', ...verbs].sort());
    expect(await completeInBash(launcher, 'so')).toEqual(['soak']);
  });

  it('bash completes the options of a verb, without those that are given already', async () => {
    expect(await completeInBash(launcher, 'provision', '--')).toEqual([
      '--yes',
      '--region',
      '--profile',
      '--stack',
      '--output',
      '--workers',
      '--help',
    ]);
    expect(await completeInBash(launcher, 'provision', '--yes', '--stack', 'x', '--')).not.toContain('--yes');
  });

  it('bash completes an option that may be repeated again', async () => {
    expect(await completeInBash(launcher, 'start', '--fault', 'join-fails:worker', '--f')).toEqual(['--fault']);
  });

  it.each([
    ['--model', ''],
    ['--model', '='],
    ['--model', '=', ''],
  ])('bash completes the allowed values of an option after %j %j', async (...words) => {
    expect(await completeInBash(launcher, 'start', '--exit', ...words)).toEqual(['auto', 'demo', 'official']);
  });

  it('bash completes a value that is begun', async () => {
    expect(await completeInBash(launcher, 'synth', '--output', 'j')).toEqual(['json']);
    expect(await completeInBash(launcher, 'synth', '--output', '=', 'j')).toEqual(['json']);
  });

  it('bash completes the allowed values of an argument', async () => {
    expect(await completeInBash(launcher, 'completion', '')).toEqual(['bash', 'zsh']);
  });

  it.each([
    ['start', '--photo', ''],
    ['start', '--save=', 'x'],
    ['nonsense', '--'],
    ['deploy', '--', '--no'],
  ])('bash falls back to file names after %j', async (...words) => {
    expect(await completeInBash(launcher, ...words)).toEqual([]);
  });

  it('bash completes the command by a path of any kind', async () => {
    const { stdout } = await promisify(execFile)(
      'bash',
      [
        '--norc',
        '-euc',
        `cd "$(dirname "$1")"; source <(./stepkube completion bash); COMP_WORDS=(./stepkube syn); COMP_CWORD=1; _stepkube ./stepkube; echo "\${COMPREPLY[*]}"`,
        'bash',
        launcher,
      ],
      { env: bareEnvironment },
    );
    expect(stdout).toBe('synth\n');
  });
});

describe('completion in zsh', () => {
  it("./stepkube completion zsh prints a script that registers zsh's completion", async () => {
    const { exitCode, stdout } = await runStepkube(['completion', 'zsh']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^compdef _stepkube stepkube$/m);
  });

  it('./stepkube complete gives each candidate with a description for zsh', async () => {
    const { stdout } = await runStepkube(['complete', '--', 'star']);
    expect(stdout).toBe('start\trun the local twin: the whole of stepkube on this machine\n');
  });
});
