import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { jsonDocument, provider, templateBoolean, templateNumber } from '#local/cloud/resource.ts';

function properties(schema: z.ZodType, value: unknown): unknown {
  let checked: unknown;
  const { create } = provider('Test::Thing', schema, (resource) => {
    checked = resource.properties;
    return { ref: resource.logicalId };
  });
  void create({ logicalId: 'Thing', type: 'Test::Thing', properties: value });
  return checked;
}

describe('resource providers', () => {
  it('a provider gets numbers and booleans that the template has as text', () => {
    const schema = z.object({ Size: templateNumber, Enabled: templateBoolean });
    expect(properties(schema, { Size: '3', Enabled: 'false' })).toEqual({ Size: 3, Enabled: false });
  });

  it('a provider names every property that does not fit its schema', () => {
    const schema = z.object({ Code: z.object({ S3Key: z.string() }), Size: templateNumber });
    expect(() => properties(schema, { Code: {}, Size: 'many' })).toThrow(/^Code\.S3Key: .*; Size: /);
  });

  it('a document property may be an object or its JSON text', () => {
    const schema = jsonDocument(z.object({ Version: z.string() }));
    expect(properties(schema, '{"Version":"1"}')).toEqual({ Version: '1' });
    expect(properties(schema, { Version: '1' })).toEqual({ Version: '1' });
    expect(() => properties(schema, '{')).toThrow();
  });
});
