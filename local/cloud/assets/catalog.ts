/** The file and image assets of the cloud assembly, by the names that the template refers to them with. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

export interface FileAsset {
  /** A file, or the folder that a deployment uploads as one zip file. */
  readonly path: string;
  readonly packaging: 'file' | 'zip';
  readonly bucket: string;
  readonly key: string;
}

export interface AssetCatalog {
  readonly files: readonly FileAsset[];
  /** @throws Error when the assembly has no such asset */
  path(bucketOrRepository: string, keyOrTag: string): string;
}

export interface AssetCatalogOptions {
  readonly assemblyFolder: string;
  readonly stackName: string;
  /** Replaces `${AWS::AccountId}` in names of buckets and repositories. */
  readonly accountId: string;
  /** Replaces `${AWS::Region}` in names of buckets and repositories. */
  readonly region: string;
}

/** https://docs.aws.amazon.com/cdk/api/v2/docs/@aws-cdk_cloud-assembly-schema.AssetManifest.html */
const manifestSchema = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string().default('.'), packaging: z.enum(['file', 'zip']).default('file') }),
        destinations: z.record(z.string(), z.object({ bucketName: z.string(), objectKey: z.string() })),
      }),
    )
    .default({}),
  dockerImages: z
    .record(
      z.string(),
      z.object({
        source: z.object({ directory: z.string().default('.') }),
        destinations: z.record(z.string(), z.object({ repositoryName: z.string(), imageTag: z.string() })),
      }),
    )
    .default({}),
});

export function readAssets(options: AssetCatalogOptions): AssetCatalog {
  const file = path.join(options.assemblyFolder, `${options.stackName}.assets.json`);
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const fillPlaceholders = (name: string) =>
    name.replaceAll('${AWS::AccountId}', options.accountId).replaceAll('${AWS::Region}', options.region);
  const files = Object.values(manifest.files).flatMap(({ source, destinations }) =>
    Object.values(destinations).map(({ bucketName, objectKey }) => ({
      path: path.resolve(options.assemblyFolder, source.path),
      packaging: source.packaging,
      bucket: fillPlaceholders(bucketName),
      key: objectKey,
    })),
  );
  const images = Object.values(manifest.dockerImages).flatMap(({ source, destinations }) =>
    Object.values(destinations).map(({ repositoryName, imageTag }) => ({
      path: path.resolve(options.assemblyFolder, source.directory),
      bucket: fillPlaceholders(repositoryName),
      key: imageTag,
    })),
  );
  return {
    files,
    path: (bucketOrRepository, keyOrTag) => {
      const asset = [...files, ...images].find(({ bucket, key }) => bucket === bucketOrRepository && key === keyOrTag);
      if (asset === undefined) throw new Error(`${file} has no asset ${bucketOrRepository}/${keyOrTag}`);
      return asset.path;
    },
  };
}
