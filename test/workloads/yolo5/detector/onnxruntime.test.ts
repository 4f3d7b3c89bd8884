import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { projectFolder, projectPath } from '@stepkube/tools/project-path.ts';
import { expect, it } from 'vitest';

/** Prints the variable at the time when the native part is loaded. */
const program = `
  const load = process.dlopen;
  process.dlopen = (module, file, ...rest) => {
    if (file.includes('onnxruntime')) console.log('loaded with', process.env.ORT_DISABLE_TELEMETRY);
    return load(module, file, ...rest);
  };
  await import(${JSON.stringify(projectPath('workloads/yolo5/src/detector/onnxruntime.ts'))});
`;

it('onnxruntime is told not to report to its maker before its native part is loaded', async () => {
  const { ORT_DISABLE_TELEMETRY: _set, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { env });
  expect(stdout.trim().split('\n')).toContain('loaded with 1');
});

it('onnxruntime-node is imported by one file only', () => {
  const files = globSync('{cli,infra,lambdas,local,scripts,test,tools,workloads}/**/*.ts', {
    cwd: projectFolder,
    exclude: (name) => name.includes('node_modules'),
  });
  const importers = files.filter((file) =>
    /^(?!import type).*(?:from|import\() ?'onnxruntime-node'/m.test(readFileSync(projectPath(file), 'utf8')),
  );
  expect(importers).toEqual(['workloads/yolo5/src/detector/onnxruntime.ts']);
});
