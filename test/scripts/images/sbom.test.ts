import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildArgumentDefault } from '@stepkube/tools/service-image.ts';
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

describe.each(workloadNames)('bill of materials of %s', (service) => {
  it(`the bill of materials of ${service} is valid CycloneDX 1.6`, async () => {
    const validate = await cycloneDxValidator();
    expect(validate(JSON.parse(sboms.get(service)!.json))).toEqual([]);
  });

  it(`the bill of materials of ${service} has the base image by digest, and every package with license and hash`, () => {
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

  it(`the bill of materials of ${service} has no package that is not in the image`, async () => {
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

  it(`the bill of materials of ${service} is reproducible`, async () => {
    expect(await sbomOf(images.get(service)!)).toEqual(sboms.get(service));
  });

  it(`the image of ${service} contains every package that the bundle loads at run time`, () => {
    const { layers, metafile } = images.get(service)!;
    const loaded = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    const copied = (name: string) => layers.some((layer) => existsSync(join(layer.folder, 'app/node_modules', name)));
    // Optional: node-fetch and debug require them within a try block.
    const optional = ['encoding', 'supports-color'];
    const missing = loaded.filter((name) => !optional.includes(name) && !isBuiltin(name) && !copied(name));
    expect(missing).toEqual([]);
  });
});

describe('bills of materials', () => {
  it('the bills of materials list telegraf, the native packages, the models and the libraries of libvips', () => {
    expect(named('polybot', 'telegraf')).toMatchObject({ properties: [{ name: 'stepkube:place', value: 'bundle' }] });
    for (const name of ['sharp', 'onnxruntime-node', 'onnxruntime-common', '@img/sharp-linux-x64'])
      expect(named('yolo5', name)).toMatchObject({ properties: [{ name: 'stepkube:place', value: 'node_modules' }] });
    expect(named('yolo5', 'yolov5n')).toMatchObject({
      type: 'machine-learning-model',
      version: 'v7.0',
      hashes: [{ alg: 'SHA-256', content: buildArgumentDefault('YOLOV5_SHA256') }],
      licenses: [{ license: { id: 'GPL-3.0-only' } }],
    });
    expect(named('yolo5', 'demo')).toMatchObject({ licenses: [{ license: { id: 'Apache-2.0' } }] });
    const libvips = named('yolo5', '@img/sharp-libvips-linux-x64')!.components!;
    expect(libvips.map(({ name }) => name)).toEqual(expect.arrayContaining(['vips', 'webp', 'glib']));
  });

  it('the bills of materials do not list packages that are only used to build or install', () => {
    const everywhere = new Set(workloadNames.flatMap((service) => componentsOf(service).map(nameOf)));
    for (const name of ['esbuild', 'typescript', 'vitest', 'global-agent', 'adm-zip', 'roboto-fontface'])
      expect(everywhere).not.toContain(name);
    expect(named('metering', 'sharp')).toBeUndefined();
    expect(named('metering', 'telegraf')).toBeUndefined();
  });
});

/** @returns a function that lists a document's violations of the schemas that the library contains. */
async function cycloneDxValidator(): Promise<(document: unknown) => readonly unknown[]> {
  const library = dirname(fileURLToPath(import.meta.resolve('@cyclonedx/cyclonedx-library/package.json')));
  const read = async (file: string) => JSON.parse(await readFile(join(library, 'res/schema', file), 'utf8'));
  // ajv-formats does not know these two formats, which the documents do not use.
  const ajv = new Ajv({ strict: false, formats: { 'idn-email': true, 'iri-reference': true } });
  addFormats.default(ajv);
  for (const file of ['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json'])
    ajv.addSchema(await read(file), `http://cyclonedx.org/schema/${file}`);
  const validate = ajv.compile(await read('bom-1.6.SNAPSHOT.schema.json'));
  return (document) => (validate(document) ? [] : validate.errors!);
}
