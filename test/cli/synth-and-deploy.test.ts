import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectFolder } from '@stepkube/tools/project-path.ts';
import { describe, expect, it } from 'vitest';

/** Runs a command of cli/ as npm would; a failure is an outcome here. */
const run = async (script: string, ...args: string[]) => {
  const settings = { cwd: projectFolder, env: { ...process.env, NO_COLOR: '1' }, timeout: 60_000 };
  const result = await promisify(execFile)(process.execPath, [`cli/${script}.ts`, ...args], settings).catch(
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  return { exitCode: 'code' in result ? result.code : 0, stdout: result.stdout, stderr: result.stderr };
};

describe('npm run synth', () => {
  it('counts the resources and says where the template is', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stepkube-test-synth-'));
    try {
      const { exitCode, stdout } = await run('synth', '--output', folder);
      expect(exitCode).toBe(0);
      const template = JSON.parse(await readFile(join(folder, 'stepkube.template.json'), 'utf8'));
      expect(stdout).toContain(`${Object.keys(template.Resources).length} resources\n`);
      expect(stdout).toMatch(/AWS::Lambda +11 Function/);
      expect(stdout).toMatch(/Template: .*stepkube\.template\.json\n$/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('refuses an option that it does not know in one line', async () => {
    const { exitCode, stderr } = await run('synth', '--outptu', 'x');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Unknown option '--outptu'.*\n$/);
  });
});

describe('npm run deploy', () => {
  it("refuses the shipped configuration's placeholder domain and says what to do, without calling AWS", async () => {
    const { exitCode, stdout, stderr } = await run('deploy', '--profile', 'me');
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^bot\.domain: "bot\.example\.com" is a placeholder; set .* npm start\n$/);
  });
});

describe.each(['synth', 'deploy'])('npm run %s -- --help', (script) => {
  it('says how it is used', async () => {
    const { exitCode, stdout } = await run(script, '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Usage: npm run ${script} -- `);
  });
});
