import { readFileSync } from 'node:fs';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { describe, expect, it } from 'vitest';

interface CustomManager {
  readonly managerFilePatterns: readonly string[];
  readonly matchStrings: readonly string[];
  readonly depNameTemplate: string;
  readonly autoReplaceStringTemplate?: string;
}

const read = (file: string) => readFileSync(projectPath(file), 'utf8');
const { customManagers } = JSON.parse(read('renovate.json')) as { customManagers: readonly CustomManager[] };
const versionsFile = 'ssm-documents/versions.json';
const text = read(versionsFile);
const versions = JSON.parse(text) as Record<string, { readonly version: string; readonly sha256?: string }>;

/** Which entry of versions.json each manager keeps up to date. */
const entries = [
  ['containerd/containerd', 'containerd'],
  ['opencontainers/runc', 'runc'],
  ['projectcalico/calico', 'calico'],
  ['kubernetes/kubernetes', 'kubernetes'],
  ['aws/aws-cli', 'awsCli'],
] as const;

function matchOf(manager: CustomManager): RegExpExecArray {
  const matches = manager.matchStrings.flatMap((pattern) => [...text.matchAll(new RegExp(pattern, 'g'))]);
  expect(matches).toHaveLength(1);
  return matches[0]!;
}

describe("Renovate's managers for versions.json", () => {
  it('renovate.json has one manager for each pin that Renovate can look up, and nothing else', () => {
    expect(customManagers.map(({ depNameTemplate }) => depNameTemplate)).toEqual(entries.map(([name]) => name));
    for (const { managerFilePatterns } of customManagers) {
      expect(managerFilePatterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(versionsFile))).toBe(true);
    }
  });

  it.each(entries)('the manager of %s finds the version that versions.json has for %s', (name, entry) => {
    const { currentValue, currentDigest } = matchOf(customManagers.find((each) => each.depNameTemplate === name)!)
      .groups!;
    expect(currentValue!.replace(/^v/, '')).toBe(versions[entry]!.version);
    if (currentDigest !== undefined) expect(currentDigest).toBe(versions[entry]!.sha256);
  });

  it.each(customManagers.filter((each) => each.autoReplaceStringTemplate !== undefined))(
    'the replacement text of $depNameTemplate keeps the form of versions.json',
    (manager) => {
      const match = matchOf(manager);
      const { currentValue, currentDigest } = match.groups!;
      const written = manager
        .autoReplaceStringTemplate!.replaceAll("{{{replace '^v' '' newValue}}}", currentValue!.replace(/^v/, ''))
        .replaceAll('{{{newValue}}}', currentValue!)
        .replaceAll('{{{newDigest}}}', currentDigest!);
      expect(written).toBe(match[0]);
    },
  );
});
