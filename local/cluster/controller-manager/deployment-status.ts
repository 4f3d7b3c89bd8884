/** A Deployment's status: counts, and the conditions that `kubectl rollout status` waits for. */
import { types } from '../apimachinery/builtin-types.ts';
import { conditionOf, type KubeObject, type Open, setCondition, timestamp } from '../apimachinery/object.ts';
import type { Controller } from '../client/controller.ts';
import type { ControllerParts } from '../client/controller-dependencies.ts';
import { limitsOf } from './rollout.ts';

export function writeDeploymentStatus(
  { objects }: ControllerParts,
  deployment: KubeObject,
  sets: readonly KubeObject[],
  wanted: string,
  controller: Controller,
): void {
  const { namespace, name } = deployment.metadata;
  const next = sets.find((set) => set.metadata.name === wanted);
  const count = (field: string) => sets.reduce((sum, { status }) => sum + (status?.[field] ?? 0), 0);
  const available = count('availableReplicas');
  const updated = next?.status?.replicas ?? 0;
  const desired: number = deployment.spec.replicas;
  const written = objects.updateIfExists(types.deployments, namespace, name, (draft) => {
    const old = draft.status ?? {};
    draft.status = {
      ...old,
      observedGeneration: draft.metadata.generation,
      replicas: count('replicas'),
      updatedReplicas: updated,
      readyReplicas: count('readyReplicas'),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, desired - available),
    };
    setAvailable(draft, available >= desired - limitsOf(draft).maxUnavailable);
    copyFailure(draft, next);
    const complete =
      updated === desired && draft.status.replicas === desired && available === desired && sizeIs(next, desired);
    setProgress(draft, wanted, complete, counts(old) !== counts(draft.status));
  });
  if (written) watchDeadline(written, controller);
}

function sizeIs(set: KubeObject | undefined, replicas: number): boolean {
  return set?.spec.replicas === replicas;
}

function counts({ replicas, updatedReplicas, readyReplicas, availableReplicas }: Open): string {
  return [replicas, updatedReplicas, readyReplicas, availableReplicas].join();
}

function setAvailable(draft: KubeObject, enough: boolean): void {
  setCondition(
    draft,
    enough
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
  );
}

function copyFailure(draft: KubeObject, set: KubeObject | undefined): void {
  const failure = set && conditionOf(set, 'ReplicaFailure');
  draft.status.conditions = draft.status.conditions.filter(({ type }: Open) => type !== 'ReplicaFailure');
  if (failure) draft.status.conditions.push(failure);
}

function setProgress(draft: KubeObject, set: string, complete: boolean, moved: boolean): void {
  const old = conditionOf(draft, 'Progressing');
  if (complete) {
    const message = `ReplicaSet "${set}" has successfully progressed.`;
    progress(draft, 'True', 'NewReplicaSetAvailable', message, old?.reason !== 'NewReplicaSetAvailable');
    return;
  }
  // The clock starts again whenever something moves, or a new template arrives.
  const isNew = !old || (old.reason === 'NewReplicaSetAvailable' && !old.message.includes(`"${set}"`));
  if (isNew || moved) {
    progress(draft, 'True', 'ReplicaSetUpdated', `ReplicaSet "${set}" is progressing.`, true);
  } else if (old.reason !== 'NewReplicaSetAvailable' && deadlineOf(draft, old) <= Date.now()) {
    progress(draft, 'False', 'ProgressDeadlineExceeded', `ReplicaSet "${set}" has timed out progressing.`, false);
  }
}

function progress(draft: KubeObject, status: 'True' | 'False', reason: string, message: string, moved: boolean): void {
  const lastUpdateTime = moved ? timestamp() : (conditionOf(draft, 'Progressing')?.lastUpdateTime ?? timestamp());
  setCondition(draft, { type: 'Progressing', status, reason, message }, { lastUpdateTime });
  const condition = conditionOf(draft, 'Progressing');
  condition.lastUpdateTime = lastUpdateTime;
}

function deadlineOf({ spec }: KubeObject, condition: Open): number {
  return Date.parse(condition.lastUpdateTime) + spec.progressDeadlineSeconds * 1000;
}

function watchDeadline(deployment: KubeObject, controller: Controller): void {
  const condition = conditionOf(deployment, 'Progressing');
  if (condition?.reason !== 'ReplicaSetUpdated') return;
  const { namespace, name } = deployment.metadata;
  controller.enqueueAfter({ namespace, name }, Math.max(0, deadlineOf(deployment, condition) - Date.now()) + 50);
}
