/** Node selectors, node affinity and taints: which nodes a pod may run on. */
import type { V1NodeSelectorTerm } from '@kubernetes/client-node';
import type { Node, PodSpec, Taint, Toleration } from './kinds.ts';
import { matchesExpression } from './selectors.ts';

/** Whether a node has what the pod's nodeSelector and required node affinity ask for. */
export function matchesNode(podSpec: PodSpec, { metadata }: Node): boolean {
  const labels = metadata.labels ?? {};
  const isSelected = Object.entries(podSpec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  const required = podSpec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!isSelected || !required) return isSelected;
  return required.nodeSelectorTerms.some((term) => matchesTerm(term, metadata));
}

/** 0 to 1: the share of the weights of the pod's preferred node affinity that the node has. */
export function preferenceOf({ affinity }: PodSpec, { metadata }: Node): number {
  const preferred = affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const weightOf = (terms: typeof preferred) => terms.reduce((sum, { weight }) => sum + weight, 0);
  if (preferred.length === 0) return 0;
  return weightOf(preferred.filter(({ preference }) => matchesTerm(preference, metadata))) / weightOf(preferred);
}

function matchesTerm(
  { matchExpressions = [], matchFields = [] }: V1NodeSelectorTerm,
  { name, labels = {} }: Node['metadata'],
): boolean {
  const fields = { 'metadata.name': name };
  return (
    matchExpressions.every((expression) => matchesExpression(expression, labels)) &&
    matchFields.every((expression) => matchesExpression(expression, fields))
  );
}

type TaintEffect = 'NoSchedule' | 'NoExecute';

/**
 * The taints that keep a pod with these tolerations off the node.
 * @param effect only taints of this effect; without it, those of both effects (PreferNoSchedule forbids nothing)
 */
export function untoleratedTaints(
  tolerations: readonly Toleration[] | undefined = [],
  { spec }: Node,
  effect?: TaintEffect,
): Taint[] {
  return (spec.taints ?? [])
    .filter((taint) => (effect ? taint.effect === effect : taint.effect !== 'PreferNoSchedule'))
    .filter((taint) => !tolerations.some((toleration) => tolerates(toleration, taint)));
}

function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (!toleration.key) return toleration.operator === 'Exists';
  if (toleration.key !== taint.key) return false;
  return toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '');
}
