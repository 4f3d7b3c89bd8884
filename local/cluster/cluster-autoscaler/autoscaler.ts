/** The main loop's one turn. https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/FAQ.md */
import type { AutoscalerSettings } from './flags.ts';
import type { ClusterState, Kubernetes } from './kubernetes.ts';
import type { NodeGroup, NodeGroups } from './node-groups.ts';
import { removeNode } from './node-removal.ts';
import { unneededNodes } from './scale-down.ts';
import { nodesToAdd } from './scale-up.ts';

/** `--scale-down-unneeded-time`, `--scale-down-delay-after-add`, `--scale-down-delay-after-failure` */
const unneededSeconds = 600;
const delayAfterAddSeconds = 600;
const delayAfterFailureSeconds = 180;

export interface AutoscalerOptions {
  readonly kubernetes: Kubernetes;
  readonly groups: NodeGroups;
  readonly settings: AutoscalerSettings;
  /** Simulated seconds since the start. */
  readonly now: () => number;
  readonly log: (message: string) => void;
}

export class Autoscaler {
  readonly #options: AutoscalerOptions;
  /** Since when each node is unneeded, by name. */
  #unneededSince = new Map<string, number>();
  #noScaleDownBefore = 0;

  constructor(options: AutoscalerOptions) {
    this.#options = options;
  }

  async runOnce(): Promise<void> {
    const { kubernetes, groups, settings } = this.#options;
    const [found, state] = await Promise.all([groups.discover(settings.groupTags), kubernetes.state()]);
    for (const group of found) if (!(await this.#scaleUp(group, state))) await this.#scaleDown(group, state);
  }

  async #scaleUp(group: NodeGroup, state: ClusterState): Promise<boolean> {
    const { groups, now, log } = this.#options;
    const added = nodesToAdd(group, state);
    if (added === 0) return false;
    const size = group.desired + added;
    log(`Scale-up: setting group ${group.name} size from ${group.desired} to ${size}`);
    await groups.setSize(group, size);
    this.#noScaleDownBefore = now() + delayAfterAddSeconds;
    return true;
  }

  /** One node at a time: where its pods go, the next one's may have no room any more. */
  async #scaleDown(group: NodeGroup, state: ClusterState): Promise<void> {
    const { settings, now, log } = this.#options;
    const unneeded = unneededNodes(group, state, settings);
    this.#unneededSince = new Map(unneeded.map(({ name }) => [name, this.#unneededSince.get(name) ?? now()]));
    if (now() < this.#noScaleDownBefore || group.desired <= group.minimum) return;
    const node = unneeded.find(({ name }) => now() - this.#unneededSince.get(name)! >= unneededSeconds);
    if (node === undefined) return;
    log(`Scale-down: removing node ${node.name}, utilization below threshold, pods to reschedule: ${node.pods.length}`);
    this.#unneededSince.delete(node.name);
    try {
      await removeNode({ ...this.#options, ...settings }, node);
    } catch (error) {
      log(`Scale-down: ${node.name} stays: ${(error as Error).message}`);
      this.#noScaleDownBefore = now() + delayAfterFailureSeconds;
    }
  }
}
