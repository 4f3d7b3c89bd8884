import { TemplateError } from './scope.ts';
import type { ResourceDeclaration, Template } from './template.ts';

/** Logical ids, each after those that its resource refers to or depends on. @throws TemplateError for a circular dependency */
export function creationOrder(template: Template): readonly string[] {
  const ordered = new Set<string>();
  const visit = (logicalId: string, path: readonly string[]): void => {
    if (ordered.has(logicalId)) return;
    if (path.includes(logicalId)) {
      throw new TemplateError(`resources depend on each other: ${[...path, logicalId].join(' -> ')}`);
    }
    for (const dependency of dependenciesOf(template.Resources[logicalId]!, template)) {
      visit(dependency, [...path, logicalId]);
    }
    ordered.add(logicalId);
  };
  for (const logicalId of Object.keys(template.Resources)) visit(logicalId, []);
  return [...ordered];
}

function dependenciesOf({ DependsOn, Properties }: ResourceDeclaration, template: Template): ReadonlySet<string> {
  const names = new Set(DependsOn);
  collectReferences(Properties, names);
  return new Set([...names].filter((name) => Object.hasOwn(template.Resources, name)));
}

function collectReferences(value: unknown, names: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (key === 'Ref' && typeof member === 'string') names.add(member);
    if (key === 'Fn::GetAtt') names.add(String(Array.isArray(member) ? member[0] : String(member).split('.')[0]));
    if (key === 'Fn::Sub') {
      const pattern = String(Array.isArray(member) ? member[0] : member);
      for (const [, name] of pattern.matchAll(/\$\{([^!}][^}]*)\}/g)) names.add(name!.split('.')[0]!);
    }
    collectReferences(member, names);
  }
}
