/** Versions and keys that the documents pin; the simulated downloads have the same ones. */
import { readFileSync } from 'node:fs';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { z } from 'zod';

const schema = z.object({
  kubernetes: z.object({ aptKeyFingerprint: z.string() }),
  calico: z.object({ version: z.string() }),
});

export const pins = schema.parse(JSON.parse(readFileSync(projectPath('ssm-documents', 'versions.json'), 'utf8')));
