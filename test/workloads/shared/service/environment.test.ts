import { describe, expect, it } from 'vitest';
import { readSettings as readPolybot } from '#workloads/polybot/src/config.ts';
import { readSettings as readYolo5 } from '#workloads/yolo5/src/config.ts';

const common = {
  PICTURES_BUCKET: 'pictures',
  JOBS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/jobs',
  RESULTS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/results',
  REMINDERS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/reminders',
  LEDGER_TABLE: 'polybot',
};

const yolo5 = { ...common, EVENT_BUS_NAME: 'predictions' };
const polybot = { ...yolo5, METERING_URL: 'http://metering.stepkube.svc.cluster.local' };

describe('settings', () => {
  it('name every wrong variable, its value and what is allowed', () => {
    const wrong = {
      ...polybot,
      PORT: 'web',
      LOG_LEVEL: 'loud',
      WEBHOOK_URL: 'http://bot.example.com',
      PICTURES_BUCKET: '',
    };
    expect(() => readPolybot(wrong)).toThrow(
      [
        'LOG_LEVEL=loud must be trace, debug, info, warn or error',
        'PICTURES_BUCKET= must not be empty: it must be the name of the pictures bucket',
        'PORT=web must be a port number',
        'TELEGRAM_SECRET_ID is not set: it must be the name of the Secrets Manager secret with {token, webhookSecret}',
        'WEBHOOK_URL=http://bot.example.com must be an https URL such as https://bot.example.com/telegram',
      ].join('\n'),
    );
  });

  it('have defaults for polybot', () => {
    expect(readPolybot({ ...polybot, TELEGRAM_SECRET_ID: 'stepkube/telegram' })).toMatchObject({
      HOST: '0.0.0.0',
      PORT: 8080,
      INTERNAL_PORT: 9090,
      TELEGRAM_API_ROOT: 'https://api.telegram.org',
    });
  });

  it('have defaults for yolo5: the demo model', () => {
    expect(readYolo5(yolo5)).toMatchObject({
      PORT: 9090,
      MODEL_PATH: 'model/demo.onnx',
      LABELS_PATH: 'model/demo.labels.txt',
      MODEL_NAME: 'demo',
    });
  });

  it('take the threads from the CPU limit', () => {
    expect(readYolo5({ ...yolo5, INFERENCE_THREADS: '1' }).INFERENCE_THREADS).toBe(1);
    expect(() => readYolo5({ ...yolo5, INFERENCE_THREADS: '0' })).toThrow(
      'INFERENCE_THREADS=0 must be a whole number from 1 to 64',
    );
  });
});
