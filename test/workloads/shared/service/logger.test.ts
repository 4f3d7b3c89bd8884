import { createLog } from '@stepkube/shared/service/logger.ts';
import { describe, expect, it } from 'vitest';

function capture() {
  const lines: string[] = [];
  const { log, hide } = createLog({ service: 'test', destination: { write: (line) => void lines.push(line) } });
  return { log, hide, text: () => lines.join('') };
}

describe('createLog', () => {
  it('writes one JSON object a line', () => {
    const { log, text } = capture();
    log.info({ jobId: 'a' }, 'done');
    expect(JSON.parse(text())).toMatchObject({ level: 'info', service: 'test', jobId: 'a', msg: 'done' });
  });

  it('hides anything that looks like a Telegram token, wherever it is', () => {
    const { log, text } = capture();
    const token = '123456789:AAabcdefghijklmnopqrstuvwxyz0123456';
    const cause = new Error(`request to https://api.telegram.org/bot${token}/getMe failed`);
    log.error({ err: new Error(`no: ${token}`, { cause }), [token]: token }, token);
    expect(text()).not.toContain('AAabc');
    expect(text()).toContain('[hidden]');
  });

  it('hides the secrets it was told', () => {
    const { log, hide, text } = capture();
    hide('planted', '');
    log.info({ deep: { value: 'xxplantedxx' } }, 'planted');
    expect(text()).not.toContain('planted');
    expect(text()).toContain('xx[hidden]xx');
  });

  it('writes only what an error says, not what hangs on it', () => {
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
