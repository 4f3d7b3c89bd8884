/** Whether a pod may run on a node: selectors, affinity, taints, resources. */
import type { KubeObject, Open } from '../apimachinery/object.ts';
import { quantity } from '../apimachinery/quantity.ts';
import { matchesExpression } from '../apimachinery/selectors.ts';

export function matchesNode(podSpec: Open, node: KubeObject): boolean {
  const labels = node.metadata.labels ?? {};
  const selected = Object.entries(podSpec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  const required = podSpec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!selected || !required) return selected;
  const fields = { 'metadata.name': node.metadata.name };
  return required.nodeSelectorTerms.some(
    (term: Open) =>
      (term.matchExpressions ?? []).every((expression: Open) => matchesExpression(expression, labels)) &&
      (term.matchFields ?? []).every((expression: Open) => matchesExpression(expression, fields)),
  );
}

/** Taints that keep a pod with these tolerations away. PreferNoSchedule keeps nobody away. */
export function untolerated(tolerations: readonly Open[] | undefined, node: KubeObject, effect?: string): Open[] {
  const taints: Open[] = node.spec?.taints ?? [];
  return taints
    .filter((taint) => (effect ? taint.effect === effect : taint.effect !== 'PreferNoSchedule'))
    .filter((taint) => !(tolerations ?? []).some((toleration) => tolerates(toleration, taint)));
}

export function tolerates(toleration: Open, taint: Open): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (!toleration.key) return toleration.operator === 'Exists';
  if (toleration.key !== taint.key) return false;
  return toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '');
}

/** What a pod asks for, in cores and bytes. */
export function requestsOf(podSpec: Open): { cpu: number; memory: number } {
  const total = (name: string) =>
    podSpec.containers.reduce(
      (sum: number, { resources }: Open) => sum + quantity(resources?.requests?.[name] ?? 0),
      0,
    );
  return { cpu: total('cpu'), memory: total('memory') };
}
