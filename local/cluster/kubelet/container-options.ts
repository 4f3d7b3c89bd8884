/** What a container of a pod is run with. */
import type { ProjectImage } from '#local/contracts/cluster.ts';
import type { TwinTime } from '#local/contracts/context.ts';
import type { Container } from '../apimachinery/kinds.ts';
import type { ContainerLog } from './container-logs.ts';
import type { MemoryLimit } from './container-meter.ts';

export interface ContainerOptions {
  readonly container: Container;
  /** undefined: the container is simulated. */
  readonly image: ProjectImage | undefined;
  readonly isInit: boolean;
  readonly restartPolicy: string;
  readonly gracePeriodSeconds: number;
  readonly podName: string;
  /** Where the container's processes listen. */
  readonly listenAddress: string;
  readonly time: TwinTime;
  /** @throws ContainerConfigError while something that it refers to is missing */
  readonly environment: () => Record<string, string>;
  readonly newLog: (run: number) => ContainerLog;
  /** Starts to measure a process group, and to watch its memory limit. @returns how to end that */
  readonly measure: (processGroup: number, memoryLimit: MemoryLimit | undefined) => () => void;
  /** Called after each change of what the container's status shows. */
  readonly onChange: () => void;
  readonly event: (type: 'Normal' | 'Warning', reason: string, message: string) => void;
  /** Resolves when a ConfigMap or Secret changes; rejects with the signal's reason. */
  readonly configurationChange: (signal: AbortSignal) => Promise<void>;
}
