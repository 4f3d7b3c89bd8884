import { describe, expect, it } from 'vitest';
import { readSettings as readPolybot } from '#workloads/polybot/src/config.ts';
import { readSettings as readYolo5 } from '#workloads/yolo5/src/config.ts';

const common = {
  PICTURES_BUCKET: 'pictures',
  JOBS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/jobs',
  RESULTS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/results',
};

const yolo5 = { ...common, EVENT_BUS_NAME: 'predictions', JOBS_DEAD_LETTER_QUEUE_URL: 'https://sqs.example/jobs-dead' };
const polybot = {
  ...common,
  EVENT_BUS_NAME: 'predictions',
  RESULTS_DEAD_LETTER_QUEUE_URL: 'https://sqs.example/results-dead',
  DOWNLOADS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/downloads',
  DOWNLOADS_DEAD_LETTER_QUEUE_URL: 'https://sqs.example/downloads-dead',
  REMINDERS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/reminders',
  REMINDERS_DEAD_LETTER_QUEUE_URL: 'https://sqs.example/reminders-dead',
  NOTIFICATION_LOG_TABLE: 'polybot',
  METERING_URL: 'http://metering.stepkube.svc.cluster.local',
};

describe('readSettings', () => {
  it('a wrong environment is refused with one line per variable: name, value and what is allowed', () => {
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
        'TELEGRAM_SECRET_ID is not set: it must be the name of the Secrets Manager secret with {token}',
        'WEBHOOK_URL=http://bot.example.com must be an https URL such as https://bot.example.com/telegram',
      ].join('\n'),
    );
  });

  it('polybot listens on 8080 and 9090 of every address and uses api.telegram.org by default', () => {
    expect(readPolybot({ ...polybot, TELEGRAM_SECRET_ID: 'stepkube/telegram' })).toMatchObject({
      HOST: '0.0.0.0',
      PORT: 8080,
      INTERNAL_PORT: 9090,
      TELEGRAM_API_ROOT: 'https://api.telegram.org',
    });
  });

  it('yolo5 runs the demo model by default', () => {
    expect(readYolo5(yolo5)).toMatchObject({
      INTERNAL_PORT: 9090,
      MODEL_PATH: 'model/demo.onnx',
      LABELS_PATH: 'model/demo.labels.txt',
      MODEL_NAME: 'demo',
    });
  });

  it('yolo5 takes INFERENCE_THREADS from 1 to 64 and refuses others', () => {
    expect(readYolo5({ ...yolo5, INFERENCE_THREADS: '1' }).INFERENCE_THREADS).toBe(1);
    expect(() => readYolo5({ ...yolo5, INFERENCE_THREADS: '0' })).toThrow(
      'INFERENCE_THREADS=0 must be a whole number from 1 to 64',
    );
  });
});
