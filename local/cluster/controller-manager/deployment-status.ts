/** A Deployment's status: replica counts, and the conditions that `kubectl rollout status` waits for. */
import { types } from '../apimachinery/builtin-types.ts';
import { conditionOf, withCondition, withoutCondition } from '../apimachinery/conditions.ts';
import type { Deployment, ReplicaSet } from '../apimachinery/kinds.ts';
import { timestamp } from '../apimachinery/object.ts';
import type { Client } from '../client/client.ts';
import { rolloutLimits } from './rollout.ts';

type Status = NonNullable<Deployment['status']>;
type Conditions = NonNullable<Status['conditions']>;

/**
 * @returns undefined when the Deployment is gone; otherwise when its progress deadline passes, in milliseconds, if a rollout
 * is under way
 */
export function writeDeploymentStatus(
  client: Client,
  { metadata, spec }: Deployment,
  sets: readonly ReplicaSet[],
  newSetName: string,
): { readonly deadline: number | undefined } | undefined {
  const newSet = sets.find((set) => set.metadata.name === newSetName);
  const sum = (field: 'replicas' | 'readyReplicas' | 'availableReplicas'): number =>
    sets.reduce((total, { status }) => total + (status?.[field] ?? 0), 0);
  const { replicas: desired } = spec;
  const availableReplicas = sum('availableReplicas');
  const updatedReplicas = newSet?.status?.replicas ?? 0;
  const written = client.updateIfExists(types.deployments, metadata.namespace, metadata.name, (draft) => {
    const old = draft.status ?? {};
    const counts = {
      replicas: sum('replicas'),
      updatedReplicas,
      readyReplicas: sum('readyReplicas'),
      availableReplicas,
    };
    const isComplete =
      updatedReplicas === desired &&
      counts.replicas === desired &&
      availableReplicas === desired &&
      newSet?.spec.replicas === desired;
    const hasMoved = Object.entries(counts).some(([field, count]) => old[field as keyof typeof counts] !== count);
    const isAvailable = availableReplicas >= desired - rolloutLimits(draft).maxUnavailable;
    const conditions = withFailure(withAvailability(old.conditions ?? [], isAvailable), newSet);
    draft.status = {
      ...old,
      ...counts,
      ...(draft.metadata.generation !== undefined && { observedGeneration: draft.metadata.generation }),
      unavailableReplicas: Math.max(0, desired - availableReplicas),
      conditions: withProgress(conditions, { deployment: draft, newSetName, isComplete, hasMoved }),
    };
  });
  return written && { deadline: progressDeadline(written) };
}

function withAvailability(conditions: Conditions, isAvailable: boolean): Conditions {
  return withCondition(
    conditions,
    isAvailable
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

/** Takes over why the new ReplicaSet cannot create pods. */
function withFailure(conditions: Conditions, newSet: ReplicaSet | undefined): Conditions {
  const failure = newSet && conditionOf(newSet, 'ReplicaFailure');
  const others = withoutCondition(conditions, 'ReplicaFailure');
  return failure ? [...others, failure] : others;
}

interface Progress {
  readonly deployment: Deployment;
  readonly newSetName: string;
  readonly isComplete: boolean;
  /** Whether a replica count has changed. */
  readonly hasMoved: boolean;
}

function withProgress(conditions: Conditions, progress: Progress): Conditions {
  const { deployment, newSetName, isComplete, hasMoved } = progress;
  const old = conditions.find(({ type }) => type === 'Progressing');
  const wasComplete = old?.reason === 'NewReplicaSetAvailable';
  const set = (status: 'True' | 'False', reason: string, message: string, isNews: boolean): Conditions => {
    const lastUpdateTime = isNews ? timestamp() : (old?.lastUpdateTime ?? timestamp());
    return withCondition(conditions, { type: 'Progressing', status, reason, message, lastUpdateTime });
  };
  if (isComplete) {
    const message = `ReplicaSet "${newSetName}" has successfully progressed.`;
    return set('True', 'NewReplicaSetAvailable', message, !wasComplete);
  }
  // The deadline starts again whenever a count moves, or a new template arrives.
  const isNewRollout = !old || (wasComplete && !old.message?.includes(`"${newSetName}"`));
  if (isNewRollout || hasMoved) {
    return set('True', 'ReplicaSetUpdated', `ReplicaSet "${newSetName}" is progressing.`, true);
  }
  if (!wasComplete && deadlineOf(deployment, old) <= Date.now()) {
    return set('False', 'ProgressDeadlineExceeded', `ReplicaSet "${newSetName}" has timed out progressing.`, false);
  }
  return conditions;
}

function deadlineOf({ spec }: Deployment, { lastUpdateTime = timestamp() }: Conditions[number]): number {
  return Date.parse(lastUpdateTime) + spec.progressDeadlineSeconds * 1000;
}

/** A little after the deadline itself, so that it has passed when the Deployment is looked at again. */
const afterDeadlineMilliseconds = 50;

function progressDeadline(deployment: Deployment): number | undefined {
  const condition = conditionOf(deployment, 'Progressing');
  if (condition?.reason !== 'ReplicaSetUpdated') return undefined;
  return Math.max(Date.now(), deadlineOf(deployment, condition)) + afterDeadlineMilliseconds;
}
