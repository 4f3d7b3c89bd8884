import { TemplateError } from './scope.ts';
import type { ResourceDeclaration, Template } from './template.ts';

/** Logical ids so that each resource comes after those it refers to or depends on. @throws TemplateError on a circle */
export function creationOrder(template: Template): readonly string[] {
  const ordered: string[] = [];
  const done = new Set<string>();
  const visit = (logicalId: string, path: readonly string[]): void => {
    if (done.has(logicalId)) return;
    if (path.includes(logicalId)) {
      throw new TemplateError(`resources depend on each other: ${[...path, logicalId].join(' -> ')}`);
    }
    const resource = template.Resources[logicalId]!;
    for (const needed of dependenciesOf(resource, template)) visit(needed, [...path, logicalId]);
    done.add(logicalId);
    ordered.push(logicalId);
  };
  for (const logicalId of Object.keys(template.Resources)) visit(logicalId, []);
  return ordered;
}

function dependenciesOf(resource: ResourceDeclaration, template: Template): ReadonlySet<string> {
  const found = new Set<string>([resource.DependsOn ?? []].flat() as string[]);
  collectReferences(resource.Properties, found);
  return new Set([...found].filter((name) => Object.hasOwn(template.Resources, name)));
}

function collectReferences(value: unknown, found: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (key === 'Ref' && typeof member === 'string') found.add(member);
    if (key === 'Fn::GetAtt') found.add(String(Array.isArray(member) ? member[0] : String(member).split('.')[0]));
    if (key === 'Fn::Sub') {
      const text = String(Array.isArray(member) ? member[0] : member);
      for (const [, name] of text.matchAll(/\$\{([^!}][^}]*)\}/g)) found.add(name!.split('.')[0]!);
    }
    collectReferences(member, found);
  }
}
