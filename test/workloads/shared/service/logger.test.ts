import { createLog } from '@stepkube/shared/service/logger.ts';
import { describe, expect, it } from 'vitest';

function capture() {
  const lines: string[] = [];
  const { log, hide } = createLog({ service: 'test', destination: { write: (line) => void lines.push(line) } });
  return { log, hide, text: () => lines.join('') };
}

describe('createLog', () => {
  it('the logger writes one JSON object per line', () => {
    const { log, text } = capture();
    log.info({ jobId: 'a' }, 'done');
    expect(JSON.parse(text())).toMatchObject({ level: 'info', service: 'test', jobId: 'a', msg: 'done' });
  });

  it('the logger hides Telegram tokens in messages, keys, values and causes', () => {
    const { log, text } = capture();
    const token = '123456789:AAabcdefghijklmnopqrstuvwxyz0123456';
    const cause = new Error(`request to https://api.telegram.org/bot${token}/getMe failed`);
    log.error({ err: new Error(`no: ${token}`, { cause }), [token]: token }, token);
    expect(text()).not.toContain('AAabc');
    expect(text()).toContain('[hidden]');
  });

  it('the logger hides every secret passed to hide(), also inside of longer values', () => {
    const { log, hide, text } = capture();
    hide('planted', '');
    log.info({ deep: { value: 'xxplantedxx' } }, 'planted');
    expect(text()).not.toContain('planted');
    expect(text()).toContain('xx[hidden]xx');
  });

  it('the logger writes name, message and cause of an error, but none of its other properties', () => {
    const { log, text } = capture();
    const error = Object.assign(new Error('refused', { cause: new Error('deeper') }), {
      on: { payload: { photo: 'bytes', chat_id: 42 } },
    });
    log.error({ err: error }, 'failed');
    const { err } = JSON.parse(text());
    expect(err).toMatchObject({ name: 'Error', message: 'refused', cause: { message: 'deeper' } });
    expect(text()).not.toMatch(/payload|bytes/);
  });
});
