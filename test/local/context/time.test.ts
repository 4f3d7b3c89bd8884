import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTime } from '#local/context/time.ts';

describe("the twin's clock", () => {
  it('a clock that is moved ahead tells those who listen, and stays ahead', () => {
    const time = createTime(1);
    const moves: number[] = [];
    const stop = time.onMoved((seconds) => moves.push(seconds));
    time.moveAhead(86_400);
    stop();
    time.moveAhead(3600);
    expect([moves, time.aheadSeconds]).toEqual([[86_400], 90_000]);
    expect(Math.abs(time.now() - Date.now() - 90_000_000)).toBeLessThan(1000);
  });
});

describe('date in scripts', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stepkube-date-'));
    await cp(projectPath('local/instance/files/date.sh'), join(folder, 'date'));
    const real = execFileSync('bash', ['-c', 'command -v date'], { encoding: 'utf8' }).trim();
    await symlink(real, join(folder, 'real-date'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const date = (ahead: number, ...args: string[]) =>
    execFileSync(join(folder, 'date'), args, {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], SHIM_CLOCK_AHEAD_SECONDS: String(ahead) },
    }).trim();

  it.each([
    ['now', 0, [], 0],
    ['now, two days ahead', 172_800, [], 172_800],
    ['in a day, two days ahead', 172_800, ['-d', '+24 hours'], 259_200],
    ['in half an hour, two days ahead', 172_800, ['-d', '+30 minutes'], 174_600],
  ])('date tells %s', (_what, ahead, args, expectedAhead) => {
    const seconds = Number(date(ahead, '-u', ...args, '+%s'));
    expect(Math.abs(seconds - Date.now() / 1000 - expectedAhead)).toBeLessThan(3);
  });

  it('date does not move a time that is given', () => {
    expect(date(172_800, '-u', '-d', '2026-11-26T10:00:00Z', '+%FT%TZ')).toBe('2026-11-26T10:00:00Z');
    expect(date(172_800, '-u', '-d', '@0', '+%F')).toBe('1970-01-01');
  });
});
