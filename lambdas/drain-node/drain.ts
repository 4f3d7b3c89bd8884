import { CoreV1Api, type KubeConfig, StorageV1Api, type V1Pod } from '@kubernetes/client-node';
import { z } from 'zod';
import { evict } from '../shared/cluster/evict.ts';
import type { Kubeconfig } from '../shared/cluster/kubeconfig.ts';
import { callKubernetes, loadKubeconfig } from '../shared/cluster/kubernetes.ts';
import { nameOf } from '../shared/cluster/pods.ts';
import { watchObjects } from '../shared/cluster/watch.ts';
import { findNode, isSilent, type NodeCalls, putBackIntoService, takeOutOfService } from './node.ts';
import { caseOf, isCritical } from './pods.ts';

const pods = z.array(z.string());

/** What a drain has done so far, for the person who reads the execution's output, and for the next call. */
export const drainProgress = z.strictObject({
  done: z.boolean(),
  /** 'no-node': the instance never joined, or its node is gone. */
  outcome: z.enum(['draining', 'drained', 'cordoned', 'restored', 'no-node']),
  node: z.string().optional(),
  evicted: pods,
  /** Against their disruption budgets, because the deadline had passed. */
  forced: pods,
  /** What still refuses, or did when the drain ended, and why. */
  left: pods,
  seconds: z.number(),
});
export type DrainProgress = z.output<typeof drainProgress>;

/** 'cordon': only out of service, as for a rebalance recommendation. 'restore': a drain that was called off. */
export type DrainMode = 'drain' | 'cordon' | 'restore';

export interface DrainOptions {
  readonly kubeconfig: Kubeconfig;
  readonly instanceId: string;
  readonly drainId: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
  /** Unix milliseconds from which on disruption budgets are bypassed. */
  readonly deadline: number;
  /** Of the call before. */
  readonly progress: DrainProgress | null;
}

/** The scheduler may have placed a pod just before the taint: the node is empty only if it stays so. */
const settleMilliseconds = 5_000;
/** A budget that refuses is asked again after this long, or when a pod of the node changes. */
const retryMilliseconds = 5_000;
/** How long pods that are forced out, and volumes, are waited for beyond the deadline. */
const afterDeadlineMilliseconds = 60_000;

export class Drain {
  readonly #options: DrainOptions;
  readonly #config: KubeConfig;
  readonly #calls: NodeCalls;
  readonly #evicted: Set<string>;
  readonly #forced: Set<string>;
  #emptySince: number | undefined;

  constructor(options: DrainOptions) {
    const { kubeconfig, progress } = options;
    this.#options = options;
    this.#config = loadKubeconfig(kubeconfig);
    this.#calls = { api: this.#config.makeApiClient(CoreV1Api), server: kubeconfig.server };
    this.#evicted = new Set(progress?.evicted);
    this.#forced = new Set(progress?.forced);
  }

  /** @param until Unix milliseconds */
  async run(mode: DrainMode, until: number, signal: AbortSignal): Promise<DrainProgress> {
    const { instanceId, drainId } = this.#options;
    const node = await findNode(this.#calls, instanceId);
    const name = node?.metadata?.name;
    if (node === undefined || name === undefined) return this.#report('no-node', [], undefined);
    if (mode === 'restore') {
      await putBackIntoService(this.#calls, name);
      return this.#report('restored', [], name);
    }
    await takeOutOfService(this.#calls, name, drainId);
    if (mode === 'cordon') return this.#report('cordoned', [], name);
    for (;;) {
      const left = await this.#pass(name, isSilent(node));
      const isOver = Date.now() > this.#options.deadline + afterDeadlineMilliseconds;
      if (left === undefined || isOver) return this.#report('drained', left ?? [], name);
      if (Date.now() >= until) return this.#report('draining', left, name);
      await this.#untilChange(name, Math.min(until, Date.now() + retryMilliseconds), signal);
    }
  }

  /**
   * Evicts what may go now.
   * @param silent no kubelet will end the pods or detach their volumes: they are replaced elsewhere, and nobody waits for them
   * @returns what is left, by name and reason; undefined when the node has been empty for long enough
   */
  async #pass(name: string, silent: boolean): Promise<readonly string[] | undefined> {
    const { api, server } = this.#calls;
    const { drainId, deadline } = this.#options;
    const { items } = await callKubernetes(server, () =>
      api.listPodForAllNamespaces({ fieldSelector: `spec.nodeName=${name}` }),
    );
    const now = Date.now();
    const cases = items.map((pod) => ({ pod, is: caseOf(pod, drainId, now) }));
    const leaving = silent ? [] : cases.filter(({ is }) => is === 'leaving').map(({ pod }) => pod);
    const toEvict = cases.filter(({ is }) => is === 'evict').map(({ pod }) => pod);
    // Others depend on critical pods: they go when nobody is left.
    const normal = toEvict.filter((pod) => !isCritical(pod));
    const isLastTurn = normal.length === 0 && !leaving.some((pod) => !isCritical(pod));
    const refused = await this.#evictAll(isLastTurn ? toEvict : normal, (deadline - now) / 1000);
    const waiting = [...refused, ...leaving.map((pod) => `${nameOf(pod)}: its grace runs`)];
    if (toEvict.length > 0 || leaving.length > 0) {
      this.#emptySince = undefined;
      return waiting.length > 0 ? waiting : toEvict.map((pod) => `${nameOf(pod)}: evicted`);
    }
    const volumes = silent ? [] : await this.#attachedVolumes(name, items);
    if (volumes.length > 0) return volumes;
    this.#emptySince ??= now;
    return now - this.#emptySince >= settleMilliseconds
      ? undefined
      : ['nothing: the node has to stay empty for a while'];
  }

  async #evictAll(chosen: readonly V1Pod[], secondsLeft: number): Promise<readonly string[]> {
    const context = { ...this.#calls, secondsLeft };
    const evictions = await Promise.all(chosen.map(async (pod) => ({ pod, eviction: await evict(pod, context) })));
    const refused: string[] = [];
    for (const { pod, eviction } of evictions) {
      if (eviction.outcome === 'evicted') this.#evicted.add(nameOf(pod));
      else if (eviction.outcome === 'forced') this.#forced.add(nameOf(pod));
      else if (eviction.outcome === 'refused') refused.push(eviction.why);
    }
    return refused;
  }

  /** A volume that is not detached in order costs its next pod six minutes. Those of pods that stay do not count. */
  async #attachedVolumes(name: string, items: readonly V1Pod[]): Promise<readonly string[]> {
    const staysWithVolumes = items.some(({ spec }) => spec?.volumes?.some((volume) => volume.persistentVolumeClaim));
    if (staysWithVolumes) return [];
    const storage = this.#config.makeApiClient(StorageV1Api);
    const { items: attachments } = await callKubernetes(this.#calls.server, () => storage.listVolumeAttachment());
    return attachments
      .filter(({ spec }) => spec.nodeName === name)
      .map(({ spec }) => `volume ${spec.source.persistentVolumeName ?? 'without a name'}: is still attached`);
  }

  /** Until a pod of the node changes. @param until Unix milliseconds */
  async #untilChange(name: string, until: number, signal: AbortSignal): Promise<void> {
    const time = AbortSignal.timeout(Math.max(1, until - Date.now()));
    const query = { fieldSelector: `spec.nodeName=${name}` };
    const either = AbortSignal.any([signal, time]);
    for await (const { type } of watchObjects<V1Pod>(this.#config, '/api/v1/pods', query, either)) {
      // Without a resource version a watch begins with the pods that exist.
      if (type !== 'ADDED') return;
    }
  }

  #report(outcome: DrainProgress['outcome'], left: readonly string[], node: string | undefined): DrainProgress {
    return {
      done: outcome !== 'draining',
      outcome,
      ...(node !== undefined && { node }),
      evicted: [...this.#evicted],
      forced: [...this.#forced],
      left: [...left],
      seconds: Math.round((Date.now() - this.#options.startedAt) / 1000),
    };
  }
}
