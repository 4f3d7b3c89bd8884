import { describe, expect, it } from 'vitest';
import { parseFlags } from '#local/cluster/cluster-autoscaler/flags.ts';

const needed = ['--cloud-provider=aws', '--node-group-auto-discovery=asg:tag=one,two'];

describe("the simulated cluster autoscaler's flags", () => {
  it('flags have the defaults of the real program', () => {
    expect(parseFlags(needed)).toEqual({
      groupTags: ['one', 'two'],
      skipNodesWithLocalStorage: true,
      skipNodesWithSystemPods: true,
      maxGracefulTerminationSeconds: 600,
    });
    expect(parseFlags([...needed, '--skip-nodes-with-local-storage=false'])).toMatchObject({
      skipNodesWithLocalStorage: false,
    });
  });

  it.each([
    [['--cloud-provider=aws'], /auto discovery specification: undefined/],
    [['--cloud-provider=gce'], /Unknown cloud provider: gce/],
    [[...needed, '--skip-node-with-local-storage=false'], /flag provided but not defined: .*--skip-node-with/],
    [[...needed, '--skip-nodes-with-system-pods=no'], /invalid boolean value "no"/],
  ])('%j is refused, as the real program refuses it', (flags, message) => {
    expect(() => parseFlags(flags)).toThrow(message);
  });
});
