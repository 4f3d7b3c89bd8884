import { availableParallelism } from 'node:os';
import { basename, extname } from 'node:path';
import {
  httpUrl,
  imagePipelineSettings,
  readEnvironment,
  serviceSettings,
  wholeNumber,
} from '@stepkube/shared/service/environment.ts';
import { z } from 'zod';

const settingsSchema = z
  .object({
    ...serviceSettings,
    ...imagePipelineSettings,
    JOBS_DEAD_LETTER_QUEUE_URL: httpUrl("the URL of the jobs queue's dead letters"),
    /** A YOLOv5-format ONNX file, relative to the working folder. */
    MODEL_PATH: z.string().min(1, 'must be the path of an ONNX file').default('model/demo.onnx'),
    /** Its labels: one per line, in the order of the classes. */
    LABELS_PATH: z.string().min(1, 'must be the path of a labels file').default('model/demo.labels.txt'),
    /** The model's name in results; by default the file's name. */
    MODEL_NAME: z.string().min(1, 'must not be empty').optional(),
    /** The model's version in results; by default the first 12 digits of the file's SHA-256. */
    MODEL_VERSION: z.string().min(1, 'must not be empty').optional(),
    /** Threads of one inference: the pod's CPU limit; by default as many as the process may use. */
    INFERENCE_THREADS: wholeNumber(availableParallelism(), 64),
    /** Jobs in flight: one is downloaded or stored while another is decoded or in the model. */
    CONCURRENCY: wholeNumber(2, 16),
  })
  .transform((settings) => ({
    ...settings,
    MODEL_NAME: settings.MODEL_NAME ?? basename(settings.MODEL_PATH, extname(settings.MODEL_PATH)),
  }));

export type Settings = Readonly<z.output<typeof settingsSchema>>;

/** @throws InvalidEnvironmentError */
export const readSettings = (environment: NodeJS.ProcessEnv): Settings => readEnvironment(settingsSchema, environment);
