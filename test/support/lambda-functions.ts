import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FakeCloud } from './fake-cloud.ts';

/** Writes handlers into a folder, one asset per key. @returns asset key -> folder */
export function writeAssets(folder: string, sources: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(sources).map(([name, source]) => {
      const asset = join(folder, name);
      mkdirSync(asset, { recursive: true });
      writeFileSync(join(asset, 'index.mjs'), source);
      return [`${name}.zip`, asset];
    }),
  );
}

export function createFunction(cloud: FakeCloud, name: string, properties: object = {}) {
  return cloud.create('AWS::Lambda::Function', name, {
    FunctionName: name,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: `arn:aws:iam::123456789012:role/${name}`,
    Code: { S3Bucket: 'assets', S3Key: `${name}.zip` },
    Timeout: 20,
    ...properties,
  });
}
