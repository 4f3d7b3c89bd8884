import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resourceSummary } from '#cli/resource-summary.ts';
import { runStepkube } from '#support/stepkube.ts';

it('./stepkube synth --output json prints the resources and the path of the template, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stepkube-test-synth-'));
  try {
    const args = ['synth', '--folder', 'assembly', '--output', 'json'];
    const { exitCode, stdout, stderr } = await runStepkube(args, { cwd: folder });
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    const result = JSON.parse(stdout);
    const templateFile = join(folder, 'assembly', 'stepkube.template.json');
    expect(result).toEqual({
      stackName: 'stepkube',
      assemblyFolder: join(folder, 'assembly'),
      templateFile,
      resources: expect.objectContaining({ 'AWS::SSM::Document': expect.any(Number) }),
    });
    const { Resources } = JSON.parse(await readFile(templateFile, 'utf8'));
    const counted = Object.values<number>(result.resources).reduce((sum, count) => sum + count, 0);
    expect(counted).toBe(Object.keys(Resources).length);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('resourceSummary counts resources by service, the largest first', () => {
  const types = ['AWS::SQS::Queue', 'AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::Role'];
  const Resources = Object.fromEntries(types.map((Type, index) => [`Resource${index}`, { Type }]));
  expect(resourceSummary({ Resources })).toBe(
    '4 resources\n   3  AWS::IAM               2 Role, 1 Policy\n   1  AWS::SQS               1 Queue',
  );
});
