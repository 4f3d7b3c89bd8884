import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { describe, expect, it } from 'vitest';
import { assembleDocument, assembleScript, documentNames } from '#ssm-documents/assemble.ts';

const folder = projectPath('ssm-documents');
const runCommand = JSON.parse(readFileSync(projectPath('state-machines/run-command.asl.json'), 'utf8')) as {
  States: { RunDocument: { TimeoutSeconds: number } };
};
/** How long a command may wait for its agent: TimeoutSeconds of SendCommand. */
const deliverySeconds = 120;

it('names every folder of ssm-documents', () => {
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual([...documentNames].sort());
});

describe.each(documentNames)('%s', (name) => {
  const document = assembleDocument(name);
  const [step] = document.mainSteps;
  const script = assembleScript(name);

  it('is one bash script behind a shebang', () => {
    expect(document.schemaVersion).toBe('2.2');
    expect(step.action).toBe('aws:runShellScript');
    expect(step.inputs.runCommand[0]).toBe('#!/usr/bin/env bash');
    expect(() => execFileSync('bash', ['-n'], { input: script })).not.toThrow();
  });

  it('ends before those who wait for it, and before its metadata token', () => {
    const timeoutSeconds = Number(step.inputs.timeoutSeconds);
    const [, tokenSeconds] = /token-ttl-seconds: (\d+)/.exec(script) ?? [];
    const [, waitSeconds] = /host_wait_seconds=(\d+)/.exec(script) ?? [];
    expect(timeoutSeconds + deliverySeconds).toBeLessThan(runCommand.States.RunDocument.TimeoutSeconds);
    expect(timeoutSeconds).toBeLessThan(Number(tokenSeconds));
    if (script.includes('claim_host "$')) expect(timeoutSeconds).toBeGreaterThan(Number(waitSeconds));
  });

  it('uses every declared parameter and no other', () => {
    const used = new Set([...script.matchAll(/SSM_(\w+)/g)].map((match) => match[1]));
    expect([...used].sort()).toEqual(Object.keys(document.parameters).sort());
  });

  it('takes no parameter that could be read as code', () => {
    for (const [parameter, { allowedPattern, interpolationType }] of Object.entries(document.parameters)) {
      expect(interpolationType, parameter).toBe('ENV_VAR');
      for (const attack of ['', '$(id)', '`id`', 'a b', 'a;b', "a'b", 'a\nb', '-x', '../x']) {
        expect(new RegExp(allowedPattern).test(attack), `${parameter}: ${attack}`).toBe(false);
      }
    }
  });

  it('pins what it downloads', () => {
    for (const [, variable, value] of script.matchAll(/^readonly (\w+)='([^']*)'$/gm)) {
      if (variable?.endsWith('_sha256')) expect(value).toMatch(/^[0-9a-f]{64}$/);
      if (variable?.endsWith('_url')) expect(value).toMatch(/^https:\/\//);
    }
    // Only the metadata and the signing key, whose fingerprint is pinned, are read without a checksum.
    expect(script.match(/^\s*curl /gm)?.length ?? 0).toBeLessThanOrEqual(3);
  });
});
