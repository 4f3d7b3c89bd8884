import { describe, expect, it } from 'vitest';
import { fileCircles, folderCircles } from '#scripts/check/floors/circles.ts';
import { floorMap } from '#scripts/check/floors/floor-map.ts';
import { climbsOf, importsOf } from '#scripts/check/floors/imports.ts';
import { upwardImports } from '#scripts/check/floors/violations.ts';

/** Source text in the project's quotes, which the check must not take for imports of this test. */
const sample = (text: string) => text.replaceAll('"', "'");

const edge = (from: string, to: string) => ({ from, to });

describe('imports of a source file', () => {
  it('imports are found in import, type, side-effect, re-export and dynamic form; packages are left out', () => {
    const source = sample(`
import { one } from "./one.ts";
import type { Two } from "../two.ts";
import "./three.ts";
export { four } from "@stepkube/tools/four.ts";
const five = await import("#infra/five.ts");
import { z } from "zod";`);
    expect(importsOf('cli/verbs/synth.ts', source).map(({ to }) => to)).toEqual([
      'cli/verbs/one.ts',
      'cli/two.ts',
      'cli/verbs/three.ts',
      'tools/four.ts',
      'infra/five.ts',
    ]);
  });

  it('import paths say how many folders they climb', () => {
    expect(climbsOf(sample('import x from "../../../a/b.ts";\nimport y from "#a/b.ts";'))).toEqual([
      { specifier: '../../../a/b.ts', levels: 3 },
      { specifier: '#a/b.ts', levels: 0 },
    ]);
  });
});

describe('the floor map', () => {
  it.each([
    ['tools/kubectl.ts', 'local/twin.ts'],
    ['local/twin.ts', 'cli/fail.ts'],
    ['infra/cluster-stack.ts', 'workloads/metering/src/main.ts'],
    ['workloads/polybot/src/main.ts', 'workloads/yolo5/src/main.ts'],
    ['workloads/shared/queue/attempts.ts', 'workloads/shared/events/events.ts'],
    ['lambdas/start-command/handler.ts', 'lambdas/finish-command/handler.ts'],
    ['local/cluster/kubelet/kubelet.ts', 'local/cluster/apiserver/server.ts'],
    ['local/cloud/cloud.ts', 'local/cluster/cluster-host.ts'],
    ['cli/start.ts', 'scripts/check/check.ts'],
  ])('an import from %s of %s is refused, with both paths and what is allowed', (from, to) => {
    const [message] = upwardImports([edge(from, to)], floorMap);
    expect(message).toContain(`${from} imports ${to}: `);
    expect(message).toMatch(/ may import /);
  });

  it.each([
    ['scripts/check/nag.ts', 'infra/app.ts'],
    ['cli/start.ts', 'local/twin.ts'],
    ['local/twin.ts', 'infra/config.ts'],
    ['workloads/polybot/src/main.ts', 'workloads/shared/queue/attempts.ts'],
    ['local/cluster/kubelet/kubelet.ts', 'local/cluster/kubelet/probes/http.ts'],
    ['lambdas/start-command/handler.ts', 'lambdas/shared/env.ts'],
  ])('an import from %s of %s is allowed', (from, to) => {
    expect(upwardImports([edge(from, to)], floorMap)).toEqual([]);
  });

  it('a file on no floor is refused, so that a new folder gets one', () => {
    expect(upwardImports([edge('attic/x.ts', 'tools/kubectl.ts')], floorMap)[0]).toContain('no floor is known');
  });
});

describe('circles', () => {
  it('files that import each other through a third are named as one circle', () => {
    const imports = [
      edge('a/x.ts', 'a/y.ts'),
      edge('a/y.ts', 'a/z.ts'),
      edge('a/z.ts', 'a/x.ts'),
      edge('a/w.ts', 'a/x.ts'),
    ];
    expect(fileCircles(imports)).toEqual([['a/x.ts', 'a/y.ts', 'a/z.ts']]);
  });

  it('sibling folders that import each other are a circle, also when no files do', () => {
    const imports = [edge('a/b/x.ts', 'a/c/y.ts'), edge('a/c/d/z.ts', 'a/b/w.ts')];
    expect(fileCircles(imports)).toEqual([]);
    expect(folderCircles(imports)).toEqual([['a/b', 'a/c']]);
  });

  it('a folder whose own files put its subfolders together is no circle', () => {
    const imports = [edge('a/main.ts', 'a/b/x.ts'), edge('a/b/x.ts', 'a/contract.ts')];
    expect(folderCircles(imports)).toEqual([]);
  });
});
