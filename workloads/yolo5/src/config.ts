import { availableParallelism } from 'node:os';
import { basename, extname } from 'node:path';
import { commonSettings, count, port, readEnvironment, required } from '@stepkube/shared/service/environment.ts';
import { z } from 'zod';

const settingsSchema = z
  .object({
    ...commonSettings,
    EVENT_BUS_NAME: required('the name of the event bus'),
    /** Probes and metrics. */
    PORT: port(9090),
    /** A YOLOv5-format ONNX file, relative to the working folder. */
    MODEL_PATH: z.string().min(1, 'must be the path of an ONNX file').default('model/demo.onnx'),
    /** Its labels: one a line, in the order of the classes. */
    LABELS_PATH: z.string().min(1, 'must be the path of a labels file').default('model/demo.labels.txt'),
    /** How results name the model; by default the file's name. */
    MODEL_NAME: z.string().min(1, 'must not be empty').optional(),
    /** How results name the model's version; by default the first 12 digits of the file's SHA-256. */
    MODEL_VERSION: z.string().min(1, 'must not be empty').optional(),
    /** Threads of one inference: the pod's CPU limit, or what the process may use. */
    INFERENCE_THREADS: count(availableParallelism(), 64),
    /** Jobs in work at the same time: one is fetched or stored while another is decoded or in the model. */
    CONCURRENCY: count(2, 16),
  })
  .transform((settings) => ({
    ...settings,
    MODEL_NAME: settings.MODEL_NAME ?? basename(settings.MODEL_PATH, extname(settings.MODEL_PATH)),
  }));

export type Settings = Readonly<z.output<typeof settingsSchema>>;

/** @throws InvalidEnvironmentError */
export const readSettings = (environment: NodeJS.ProcessEnv): Settings => readEnvironment(settingsSchema, environment);
