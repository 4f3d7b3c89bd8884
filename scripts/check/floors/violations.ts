import type { FloorMap } from './floor-map.ts';
import type { Import } from './imports.ts';

/** The imports that the map does not allow, as lines for a person: both ends, and what would be allowed. */
export function upwardImports(imports: readonly Import[], map: FloorMap): string[] {
  return imports.flatMap(({ from, to }) => {
    const floor = floorOf(from, map);
    if (floor === undefined)
      return [`${from}: no floor is known for it; add its folder to scripts/check/floors/floor-map.ts`];
    const allowed = [floor.folder, ...floor.mayImport];
    if (allowed.some((folder) => isInside(to, folder))) return [];
    return [`${from} imports ${to}: ${floor.folder} may import ${floor.mayImport.join(', ') || 'nothing but itself'}`];
  });
}

interface Floor {
  readonly folder: string;
  readonly mayImport: readonly string[];
}

function floorOf(file: string, map: FloorMap): Floor | undefined {
  const matches = Object.entries(map).flatMap(([pattern, mayImport]) => {
    const folder = matchingPrefix(file, pattern);
    return folder === undefined ? [] : [{ folder, mayImport }];
  });
  return matches.sort((one, other) => depthOf(other.folder) - depthOf(one.folder))[0];
}

/** The beginning of the path that a pattern matches: 'workloads/*' matches 'workloads/yolo5' of 'workloads/yolo5/src/main.ts'. */
function matchingPrefix(file: string, pattern: string): string | undefined {
  const wanted = pattern.split('/');
  const parts = file.split('/').slice(0, wanted.length);
  const matches =
    parts.length === wanted.length && wanted.every((part, index) => part === '*' || part === parts[index]);
  return matches ? parts.join('/') : undefined;
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function depthOf(path: string): number {
  return path.split('/').length;
}
