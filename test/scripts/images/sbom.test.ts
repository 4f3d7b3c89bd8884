import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workloadNames } from '#infra/lib/workload-names.ts';
import { type Sbom, sbomOf } from '#scripts/images/sbom.ts';
import { type StagedImage, stageImage } from '#scripts/images/stage-image.ts';

interface Component {
  readonly type: string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly unknown[];
  readonly properties?: readonly { readonly value: string }[];
  readonly components?: readonly Component[];
}

let folder: string;
const images = new Map<string, StagedImage>();
const sboms = new Map<string, Sbom>();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stepkube-sbom-'));
  for (const service of workloadNames) {
    const image = await stageImage(service, join(folder, service));
    images.set(service, image);
    sboms.set(service, await sbomOf(image));
  }
});
afterAll(() => rm(folder, { recursive: true }));

const componentsOf = (service: string): readonly Component[] => JSON.parse(sboms.get(service)!.json).components;
const nameOf = ({ group, name }: Component) => (group === undefined ? name : `${group}/${name}`);
const packagesOf = (service: string) => componentsOf(service).filter(({ purl }) => purl.startsWith('pkg:npm/'));
const named = (service: string, name: string) => componentsOf(service).find((component) => nameOf(component) === name);

describe.each(workloadNames)('the bill of materials of %s', (service) => {
  it('is CycloneDX 1.6', async () => {
    const validate = await cycloneDxValidator();
    expect(validate(JSON.parse(sboms.get(service)!.json))).toEqual([]);
  });

  it('has the base image, by digest, and every package with licence and hash', () => {
    expect(named(service, 'node')).toMatchObject({
      type: 'container',
      version: '24-bookworm-slim',
      hashes: [{ alg: 'SHA-256', content: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      components: [expect.objectContaining({ name: 'node', version: '24.19.0' })],
    });
    for (const component of packagesOf(service)) {
      expect(component, component.purl).toMatchObject({ licenses: [expect.anything()] });
      expect(component.hashes, component.purl).toEqual([
        { alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) },
      ]);
    }
  });

  it('has no package that is not in the image', async () => {
    const { layers, metafile } = images.get(service)!;
    const bundled = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
    for (const component of packagesOf(service)) {
      const inside = `node_modules/${nameOf(component)}/`;
      if (component.properties?.[0]?.value === 'bundle')
        expect(bundled.some((path) => path.includes(inside))).toBe(true);
      else {
        const manifest = layers.map((layer) => join(layer.folder, 'app', inside, 'package.json')).find(existsSync);
        expect(JSON.parse(await readFile(manifest!, 'utf8'))).toMatchObject({ version: component.version });
      }
    }
  });

  it('is the same when it is made again', async () => {
    expect(await sbomOf(images.get(service)!)).toEqual(sboms.get(service));
  });

  it('leaves no package out that the bundle loads when it runs', () => {
    const { layers, metafile } = images.get(service)!;
    const loaded = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    const copied = (name: string) => layers.some((layer) => existsSync(join(layer.folder, 'app/node_modules', name)));
    // node-fetch and debug do without them, and say so by a try around their require.
    const optional = ['encoding', 'supports-color'];
    const missing = loaded.filter((name) => !optional.includes(name) && !isBuiltin(name) && !copied(name));
    expect(missing).toEqual([]);
  });
});

describe('bills of materials', () => {
  it('tell what is special about each image', () => {
    expect(named('polybot', 'telegraf')).toMatchObject({ properties: [{ name: 'stepkube:place', value: 'bundle' }] });
    for (const name of ['sharp', 'onnxruntime-node', 'onnxruntime-common', '@img/sharp-linux-x64'])
      expect(named('yolo5', name)).toMatchObject({ properties: [{ name: 'stepkube:place', value: 'node_modules' }] });
    expect(named('yolo5', 'yolov5n')).toMatchObject({
      type: 'machine-learning-model',
      version: 'v7.0',
      hashes: [{ alg: 'SHA-256', content: '04f0e55c26f58d17145b36045780fe1250d5bd2187543e11568e5141d05b3262' }],
      licenses: [{ license: { id: 'GPL-3.0-only' } }],
    });
    expect(named('yolo5', 'demo')).toMatchObject({ licenses: [{ license: { id: 'Apache-2.0' } }] });
    const libvips = named('yolo5', '@img/sharp-libvips-linux-x64')!.components!;
    expect(libvips.map(({ name }) => name)).toEqual(expect.arrayContaining(['vips', 'webp', 'glib']));
  });

  it('do not name what only builds or installs', () => {
    const everywhere = new Set(workloadNames.flatMap((service) => componentsOf(service).map(nameOf)));
    for (const name of ['esbuild', 'typescript', 'vitest', 'global-agent', 'adm-zip', 'roboto-fontface'])
      expect(everywhere).not.toContain(name);
    expect(named('metering', 'sharp')).toBeUndefined();
    expect(named('metering', 'telegraf')).toBeUndefined();
  });
});

/** @returns what is wrong with a document, by the schemas that the library brings along. */
async function cycloneDxValidator(): Promise<(document: unknown) => readonly unknown[]> {
  const library = dirname(fileURLToPath(import.meta.resolve('@cyclonedx/cyclonedx-library/package.json')));
  const read = async (file: string) => JSON.parse(await readFile(join(library, 'res/schema', file), 'utf8'));
  // Nothing in these documents has one of the two formats that ajv-formats does not know.
  const ajv = new Ajv({ strict: false, formats: { 'idn-email': true, 'iri-reference': true } });
  addFormats.default(ajv);
  for (const file of ['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json'])
    ajv.addSchema(await read(file), `http://cyclonedx.org/schema/${file}`);
  const validate = ajv.compile(await read('bom-1.6.SNAPSHOT.schema.json'));
  return (document) => (validate(document) ? [] : validate.errors!);
}
