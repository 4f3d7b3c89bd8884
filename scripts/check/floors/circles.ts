import { dirname } from 'node:path';
import type { Import } from './imports.ts';

/** Files that import each other, directly or through others: one list per circle. */
export function fileCircles(imports: readonly Import[]): string[][] {
  return circlesOf(imports);
}

/**
 * Sibling folders that import each other. A folder's own files may import from its subfolders and the other way round: they
 * hold either what the subfolders share or what puts them together, and the circles between files keep the two apart.
 */
export function folderCircles(imports: readonly Import[]): string[][] {
  return circlesOf(imports.flatMap(siblingsOf));
}

/** 'a/b/x.ts' imports 'a/c/d/y.ts': 'a/b' imports 'a/c'. */
function siblingsOf({ from, to }: Import): Import[] {
  const [source, target] = [dirname(from).split('/'), dirname(to).split('/')];
  const common = source.findIndex((part, index) => part !== target[index]);
  if (common === -1 || common >= target.length) return []; // one is inside of the other
  return [{ from: source.slice(0, common + 1).join('/'), to: target.slice(0, common + 1).join('/') }];
}

/** Tarjan's strongly connected components with more than one member. */
function circlesOf(edges: readonly Import[]): string[][] {
  const targets = new Map<string, Set<string>>();
  for (const { from, to } of edges) targets.set(from, (targets.get(from) ?? new Set()).add(to));
  const [order, lowest, stack, circles] = [
    new Map<string, number>(),
    new Map<string, number>(),
    [] as string[],
    [] as string[][],
  ];
  const visit = (node: string): void => {
    order.set(node, order.size);
    lowest.set(node, order.get(node)!);
    stack.push(node);
    for (const next of targets.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
    }
    if (lowest.get(node) !== order.get(node)) return;
    const members = stack.splice(stack.indexOf(node));
    if (members.length > 1) circles.push(members.sort());
  };
  for (const node of targets.keys()) if (!order.has(node)) visit(node);
  return circles;
}
