import { describe, expect, it } from 'vitest';
import {
  flattenStage,
  parseDockerfile,
  parseFileCopy,
  UnknownInstructionError,
} from '#scripts/images/dockerfile-parser.ts';

const text = [
  '# syntax=docker/dockerfile:1',
  'ARG BASE=node:24@sha256:1a',
  'ARG NAME=none',
  'FROM ${BASE} AS build',
  'RUN one ${NAME} \\',
  '  # in between',
  '  && two',
  '',
  'FROM ${BASE} AS parent',
  'copy --from=build --chmod=444 /a /b ./',
  'FROM parent AS child',
  'USER 1',
].join('\n');

describe('parseDockerfile', () => {
  const [build, parent] = parseDockerfile(text, { NAME: 'metering' });

  it('parseDockerfile fills in build arguments, joins lines and drops comments', () => {
    expect(build).toEqual({
      base: 'node:24@sha256:1a',
      name: 'build',
      instructions: [{ keyword: 'RUN', operands: 'one metering && two' }],
    });
  });

  it('parseDockerfile uses the defaults of build arguments', () => {
    expect(parseDockerfile(text)[0]!.instructions[0]!.operands).toBe('one none && two');
  });

  it('parseFileCopy splits a COPY into flags, sources and target', () => {
    const { flags, sources, target } = parseFileCopy(parent!.instructions[0]!);
    expect({ flags: Object.fromEntries(flags), sources, target }).toEqual({
      flags: { from: 'build', chmod: '444' },
      sources: ['/a', '/b'],
      target: './',
    });
  });

  it('parseFileCopy refuses the JSON form, parseDockerfile a text without FROM', () => {
    expect(() => parseFileCopy({ keyword: 'COPY', operands: '["a", "b"]' })).toThrow(UnknownInstructionError);
    expect(() => parseDockerfile('# nothing\n')).toThrow(UnknownInstructionError);
  });
});

describe('flattenStage', () => {
  const stages = parseDockerfile(text);

  it('flattenStage puts the instructions of the parent stages first and takes their base', () => {
    const { base, instructions } = flattenStage(stages, 'child');
    expect(base).toBe('node:24@sha256:1a');
    expect(instructions.map(({ keyword }) => keyword)).toEqual(['COPY', 'USER']);
  });

  it('flattenStage refuses an unknown stage', () => {
    expect(() => flattenStage(stages, 'none')).toThrow('FROM ... AS none: there is no such stage');
  });
});
