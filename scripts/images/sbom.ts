import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Factories } from '@cyclonedx/cyclonedx-library/Contrib/License';
import { ComponentType, ExternalReferenceType, HashAlgorithm } from '@cyclonedx/cyclonedx-library/Enums';
import {
  Bom,
  Component,
  ComponentRepository,
  ExternalReference,
  ExternalReferenceRepository,
  HashDictionary,
  LicenseRepository,
  Property,
  PropertyRepository,
} from '@cyclonedx/cyclonedx-library/Models';
import { JSON as CycloneDxJson, JsonSerializer } from '@cyclonedx/cyclonedx-library/Serialize';
import { isSupportedSpdxId, type SpdxId } from '@cyclonedx/cyclonedx-library/SPDX';
import { Spec1dot6 } from '@cyclonedx/cyclonedx-library/Spec';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { filesOf } from './files.ts';
import { type ImagePackage, packagesOf } from './inventory.ts';
import type { Download, StagedImage } from './stage-image.ts';

export interface Sbom {
  /** CycloneDX 1.6 as JSON. The same image gives the same text: it carries neither a time nor a serial number. */
  readonly json: string;
  readonly componentCount: number;
}

/** The base image is a single component: its publisher provides its own SBOM in the registry. */
export async function sbomOf(image: StagedImage): Promise<Sbom> {
  const bom = new Bom();
  bom.metadata.tools.components.add(new Component(ComponentType.Application, 'npm run images', { group: 'stepkube' }));
  const { version } = JSON.parse(await readFile(projectPath('workloads', image.service, 'package.json'), 'utf8'));
  const bomRef = `stepkube/${image.service}@${version}`;
  const subject = new Component(ComponentType.Container, image.service, { group: 'stepkube', version, bomRef });
  bom.metadata.component = subject;
  const components = [
    baseComponent(image.base),
    ...image.downloads.map(downloadComponent),
    ...(await ownModels(image)),
    ...(await packagesOf(image)).map(packageComponent),
  ];
  for (const part of components) {
    bom.components.add(part);
    subject.dependencies.add(part.bomRef);
  }
  const serializer = new JsonSerializer(new CycloneDxJson.Normalize.Factory(Spec1dot6));
  return { json: `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`, componentCount: components.length };
}

function component(type: ComponentType, name: string, version: string, purl: string): Component {
  return new Component(type, name, { version, purl, bomRef: purl });
}

function baseComponent({ reference, nodeVersion }: StagedImage['base']): Component {
  const [, name, tag, sha256] = /^(\w+):(\S+)@sha256:(\w+)$/.exec(reference)!;
  const purl = `${purlOf('docker', name!, `sha256:${sha256}`)}?tag=${tag}`;
  const base = component(ComponentType.Container, name!, tag!, purl);
  base.hashes = new HashDictionary([[HashAlgorithm['SHA-256'], sha256!]]);
  const node = component(ComponentType.Platform, 'node', nodeVersion, purlOf('generic', 'node', nodeVersion));
  node.licenses = licenses('MIT');
  base.components = new ComponentRepository([node]);
  return base;
}

function downloadComponent({ name, version, url, sha256, license }: Download): Component {
  const purl = `${purlOf('generic', name, version)}?download_url=${encodeURIComponent(url)}`;
  const model = component(ComponentType.MachineLearningModel, name, version, purl);
  model.hashes = new HashDictionary([[HashAlgorithm['SHA-256'], sha256]]);
  model.licenses = licenses(license);
  model.externalReferences = new ExternalReferenceRepository([
    new ExternalReference(url, ExternalReferenceType.Distribution),
  ]);
  return model;
}

/** Models of this repository, which have its license. */
async function ownModels(image: StagedImage): Promise<readonly Component[]> {
  const { license } = JSON.parse(await readFile(projectPath('package.json'), 'utf8'));
  const models = (await filesOf(image)).filter(({ path }) => path.endsWith('.onnx'));
  return Promise.all(
    models.map(async ({ path, file }) => {
      const sha256 = createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
      const version = sha256.slice(0, 12);
      const name = basename(path, '.onnx');
      const model = component(ComponentType.MachineLearningModel, name, version, purlOf('generic', name, version));
      model.hashes = new HashDictionary([[HashAlgorithm['SHA-256'], sha256]]);
      model.licenses = licenses(license);
      return model;
    }),
  );
}

function packageComponent({ name, version, license, sha512, place, compiledIn }: ImagePackage): Component {
  const purl = purlOf('npm', name, version);
  const [group, plainName] = name.startsWith('@') ? (name.split('/') as [string, string]) : [undefined, name];
  const library = component(ComponentType.Library, plainName, version, purl);
  if (group !== undefined) library.group = group;
  if (license !== undefined) library.licenses = licenses(license);
  if (sha512 !== undefined) library.hashes = new HashDictionary([[HashAlgorithm['SHA-512'], sha512]]);
  library.properties = new PropertyRepository([new Property('stepkube:place', place)]);
  library.components = new ComponentRepository(
    compiledIn.map((part) =>
      component(ComponentType.Library, part.name, part.version, purlOf('generic', part.name, part.version)),
    ),
  );
  return library;
}

/** A package URL; an npm scope is a namespace whose @ is percent-encoded. */
function purlOf(type: string, name: string, version: string): string {
  return `pkg:${type}/${name.split('/').map(encodeURIComponent).join('/')}@${encodeURIComponent(version)}`;
}

const licenseFactory = new Factories.LicenseFactory((expression) => {
  const ids = expression.replaceAll(/[()]/g, '').split(/ AND | OR | WITH /);
  if (!ids.every((id: SpdxId) => isSupportedSpdxId(id))) throw new Error(`${expression} is no SPDX expression`);
});

function licenses(text: string): LicenseRepository {
  return new LicenseRepository([licenseFactory.makeFromString(text)]);
}
