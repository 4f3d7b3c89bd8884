import { globSync, readFileSync } from 'node:fs';
import { projectFolder, projectPath } from '@stepkube/tools/project-path.ts';
import type { Check } from '../check-outcome.ts';
import { fileCircles, folderCircles } from '../floors/circles.ts';
import { floorMap } from '../floors/floor-map.ts';
import { climbsOf, readImports } from '../floors/imports.ts';
import { upwardImports } from '../floors/violations.ts';

/** An import of a folder further away than this goes by a name of package.json's `imports` instead. */
const maxClimbs = 2;

/** No import climbs a floor, no files and no sibling folders import each other in a circle. */
export const floors: Check = {
  name: 'floors',
  run: async () => {
    const files = sourceFiles();
    const imports = readImports(projectFolder, files);
    const problems = [
      ...upwardImports(imports, floorMap),
      ...fileCircles(imports).map((circle) => `files import each other in a circle: ${circle.join(', ')}`),
      ...folderCircles(imports).map((circle) => `folders import each other in a circle: ${circle.join(', ')}`),
      ...files.flatMap(farClimbs),
    ];
    return {
      status: problems.length === 0 ? 'passed' : 'failed',
      detail: `${imports.length} imports in ${files.length} files`,
      output: problems.join('\n'),
    };
  },
};

function sourceFiles(): string[] {
  const exclude = (name: string) => /^(?:node_modules|cdk\.out|dist|\.cache)$/.test(name.split('/').at(-1)!);
  return globSync('**/*.{ts,tsx}', { cwd: projectFolder, exclude }).sort();
}

function farClimbs(file: string): string[] {
  return climbsOf(readFileSync(projectPath(file), 'utf8'))
    .filter(({ levels }) => levels > maxClimbs)
    .map(({ specifier }) => `${file} imports ${specifier}: it climbs more than ${maxClimbs} folders; use a # import`);
}
