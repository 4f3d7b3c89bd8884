/** The files and images of the cloud assembly, by the names the template gives them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface FileAsset {
  /** A file, or the folder that AWS receives as one zip file. */
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

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path?: string; readonly packaging?: 'file' | 'zip' };
        readonly destinations: Readonly<Record<string, { readonly bucketName: string; readonly objectKey: string }>>;
      }
    >
  >;
  readonly dockerImages?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly directory?: string };
        readonly destinations: Readonly<Record<string, { readonly repositoryName: string; readonly imageTag: string }>>;
      }
    >
  >;
}

export interface AssetCatalogOptions {
  readonly assemblyFolder: string;
  readonly stackName: string;
  /** Values of AWS::AccountId and AWS::Region in the destinations' names. */
  readonly accountId: string;
  readonly region: string;
}

export function readAssets(options: AssetCatalogOptions): AssetCatalog {
  const file = path.join(options.assemblyFolder, `${options.stackName}.assets.json`);
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as AssetManifest;
  const fill = (name: string) =>
    name.replaceAll('${AWS::AccountId}', options.accountId).replaceAll('${AWS::Region}', options.region);
  const files = Object.values(manifest.files ?? {}).flatMap(({ source, destinations }) =>
    Object.values(destinations).map(({ bucketName, objectKey }) => ({
      path: path.resolve(options.assemblyFolder, source.path ?? '.'),
      packaging: source.packaging ?? 'file',
      bucket: fill(bucketName),
      key: objectKey,
    })),
  );
  const images = Object.values(manifest.dockerImages ?? {}).flatMap(({ source, destinations }) =>
    Object.values(destinations).map(({ repositoryName, imageTag }) => ({
      path: path.resolve(options.assemblyFolder, source.directory ?? '.'),
      bucket: fill(repositoryName),
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
