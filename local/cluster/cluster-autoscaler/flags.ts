/** The flags that the simulation follows: https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/FAQ.md */
import { parseArgs } from 'node:util';

export interface AutoscalerSettings {
  /** Keys of the tags that a group must have. */
  readonly groupTags: readonly string[];
  /** Nodes are not removed while they run pods with emptyDir volumes. */
  readonly skipNodesWithLocalStorage: boolean;
  /** Nodes are not removed while they run pods of kube-system without a disruption budget. */
  readonly skipNodesWithSystemPods: boolean;
  readonly maxGracefulTerminationSeconds: number;
}

/** The program ends with the real one's words for a flag or value that it does not know. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

const discoveryPrefix = 'asg:tag=';

/** @param args e.g. ['--cloud-provider=aws'] @throws FlagError */
export function parseFlags(args: readonly string[]): AutoscalerSettings {
  const values = parse(args);
  if (values['cloud-provider'] !== 'aws') throw new FlagError(`Unknown cloud provider: ${values['cloud-provider']}`);
  const discovery = values['node-group-auto-discovery'];
  if (!discovery?.startsWith(discoveryPrefix))
    throw new FlagError(`unsupported node group auto discovery specification: ${discovery}`);
  return {
    groupTags: discovery.slice(discoveryPrefix.length).split(','),
    skipNodesWithLocalStorage: booleanOf(values['skip-nodes-with-local-storage']),
    skipNodesWithSystemPods: booleanOf(values['skip-nodes-with-system-pods']),
    maxGracefulTerminationSeconds: Number(values['max-graceful-termination-sec']),
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    v: text,
    'cloud-provider': text,
    'cluster-name': text,
    'node-group-auto-discovery': text,
    'skip-nodes-with-local-storage': { ...text, default: 'true' },
    'skip-nodes-with-system-pods': { ...text, default: 'true' },
    'max-graceful-termination-sec': { ...text, default: '600' },
  } as const;
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw new FlagError(`flag provided but not defined: ${(error as Error).message}`);
  }
}

function booleanOf(value: string): boolean {
  if (value !== 'true' && value !== 'false') throw new FlagError(`invalid boolean value "${value}"`);
  return value === 'true';
}
