import { projectPath } from '@stepkube/tools/project-path.ts';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { halves, red } from '#support/workloads/images.ts';
import { stageService } from '#support/workloads/service-process.ts';
import { decodeForModel } from '#workloads/yolo5/src/decoder/decode-for-model.ts';
import { ImageDecoder, type ImageDecoderOptions } from '#workloads/yolo5/src/decoder/image-decoder.ts';

let bundle: Awaited<ReturnType<typeof stageService>>;
beforeAll(async () => {
  bundle = await stageService('yolo5');
});
afterAll(() => bundle[Symbol.asyncDispose]());

const fakeProgram = (name: string) => new URL(`file://${projectPath(`test/support/workloads/decoders/${name}.ts`)}`);

const decoders: ImageDecoder[] = [];
const decoderOf = (options: Partial<ImageDecoderOptions> = {}) => {
  const decoder = new ImageDecoder({
    program: new URL(`file://${bundle.folder}/decoder-process.js`),
    threads: 1,
    ...options,
  });
  decoders.push(decoder);
  return decoder;
};
afterEach(async () => {
  await Promise.all(decoders.splice(0).map((decoder) => decoder[Symbol.asyncDispose]()));
});

const side = 64;
const person = { label: 'person', confidence: 0.9, box: { x1: 1, y1: 2, x2: 30, y2: 40 } };

describe('ImageDecoder', () => {
  it('the decoding process gives the same pixels and the same answer as decoding in place', async () => {
    const bytes = await halves(200, 100).jpeg().toBuffer();
    const expected = await decodeForModel(bytes, side);
    const image = await decoderOf().decode(bytes, side);
    expect([image.width, image.height, image.isDouble]).toEqual([200, 100, expected.isDouble]);
    expect(Buffer.from(image.pixels)).toEqual(expected.pixels);
    expect(Buffer.from(await image.annotate([person]))).toEqual(await expected.annotate([person]));
  });

  it('a refusal names its reason, and the process takes the next image', async () => {
    const losses: Error[] = [];
    const decoder = decoderOf({ onLost: (error) => losses.push(error) });
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
    await expect(decoder.decode(Buffer.from('text'), side)).rejects.toMatchObject({ reason: 'not-a-picture' });
    await expect(decoder.decode(heic, side)).rejects.toMatchObject({ reason: 'not-a-picture', format: 'heic' });
    expect(await decoder.decode(await red(20, 10).png().toBuffer(), side)).toMatchObject({ width: 20, height: 10 });
    expect(losses).toEqual([]);
  });

  it('a process that gives no answer is killed at the deadline and replaced', async () => {
    const losses: Error[] = [];
    const decoder = decoderOf({ program: fakeProgram('silent'), deadlineSeconds: 0.2, onLost: (e) => losses.push(e) });
    for (let attempt = 0; attempt < 2; attempt += 1)
      await expect(decoder.decode(Buffer.from('x'), side)).rejects.toMatchObject({
        name: 'DecoderLostError',
        message: expect.stringContaining('no answer within 0.2 s'),
      });
    expect(losses).toHaveLength(2);
  });

  it('a process that dies of an image is named a loss, with its signal', async () => {
    await expect(decoderOf({ program: fakeProgram('dying') }).decode(Buffer.from('x'), side)).rejects.toMatchObject({
      name: 'DecoderLostError',
      message: expect.stringContaining('SIGKILL'),
    });
  });

  it('a process that does not start is no fault of an image', async () => {
    await expect(decoderOf({ program: fakeProgram('broken') }).start()).rejects.toMatchObject({
      name: 'DecoderUnavailableError',
      message: expect.stringContaining('exit code 3'),
    });
  });

  it('an image that needs more memory than the process may have does not harm the service', async () => {
    const bytes = await red(5000, 5000).avif({ effort: 0 }).toBuffer();
    const decoder = decoderOf({ memoryMebibytes: 256 });
    const outcome = await decoder.decode(bytes, side).then(
      () => 'decoded',
      (error: Error) => error.name,
    );
    expect(['UnreadableImageError', 'DecoderLostError']).toContain(outcome);
    expect(await decoder.decode(await red(20, 10).png().toBuffer(), side)).toMatchObject({ width: 20 });
  });

  it('an image that takes more CPU time than allowed is refused, and the next one decoded', async () => {
    const bytes = await red(5000, 5000).avif({ effort: 0 }).toBuffer();
    const losses: Error[] = [];
    const decoder = decoderOf({ maxCpuSeconds: 0.2, onLost: (error) => losses.push(error) });
    await expect(decoder.decode(bytes, side)).rejects.toMatchObject({
      reason: 'too-large',
      message: expect.stringContaining('CPU seconds'),
    });
    expect(await decoder.decode(await red(20, 10).png().toBuffer(), side)).toMatchObject({ width: 20 });
    expect(losses).toEqual([]);
  });

  it("the decoding process has none of the service's credentials in its environment", async () => {
    process.env['AWS_WEB_IDENTITY_TOKEN_FILE'] = '/nowhere';
    try {
      const decoder = decoderOf({ program: fakeProgram('environment') });
      const image = await decoder.decode(Buffer.from('x'), side);
      const names = Buffer.from(image.pixels).toString().split('\n');
      expect(names).toContain('PATH');
      expect(names.filter((name) => name.startsWith('AWS_'))).toEqual([]);
    } finally {
      delete process.env['AWS_WEB_IDENTITY_TOKEN_FILE'];
    }
  });

  it('a large image with an alpha channel is decoded and annotated within the memory of the decoding process', async () => {
    const bytes = await sharp({ create: { width: 4400, height: 4400, channels: 4, background: '#f008' } })
      .avif({ effort: 0 })
      .toBuffer();
    const image = await decoderOf().decode(bytes, side);
    expect((await image.annotate([person])).length).toBeGreaterThan(0);
  });
});
