import { describe, expect, it } from 'vitest';
import { checkPresigned } from '#local/cloud/protocols/presigned.ts';

const signedAt = Date.parse('2026-11-26T12:00:00Z');
const query = (expires?: string, date = '20261126T120000Z') =>
  new URLSearchParams({
    'X-Amz-Signature': 'a',
    'X-Amz-Date': date,
    ...(expires === undefined ? {} : { 'X-Amz-Expires': expires }),
  });

describe('checkPresigned', () => {
  it('a presigned URL is good until its time is over', () => {
    expect(() => checkPresigned(query('60'), signedAt + 60_000)).not.toThrow();
    expect(() => checkPresigned(query('60'), signedAt + 60_001)).toThrow(
      expect.objectContaining({ code: 'AccessDenied', status: 403, message: 'Request has expired' }),
    );
  });

  it.each([
    ['a week and a second', query('604801')],
    ['less than no time', query('-1')],
    ['no time', query()],
    ['no date', query('60', 'today')],
  ])('a presigned URL for %s is refused', (_name, wrong) => {
    expect(() => checkPresigned(wrong, signedAt)).toThrow(
      expect.objectContaining({ code: 'AuthorizationQueryParametersError', status: 400 }),
    );
  });

  it('other requests are not presigned', () => {
    expect(() => checkPresigned(new URLSearchParams(), signedAt)).not.toThrow();
  });
});
