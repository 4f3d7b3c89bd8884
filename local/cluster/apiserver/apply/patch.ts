/** PATCH by content type. */
import { ApiError } from '#local/cluster/apimachinery/errors.ts';
import { isJsonObject } from '#local/cluster/apimachinery/json.ts';
import { copy } from '#local/cluster/apimachinery/object.ts';
import { applyJsonPatch } from './json-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

/** A patched copy of a JSON value. @throws ApiError for a patch that does not fit, or an unknown content type */
export function applyPatch(contentType: string, value: unknown, patch: unknown): unknown {
  switch (contentType) {
    case 'application/json-patch+json':
      return applyJsonPatch(copy(value), patch);
    case 'application/merge-patch+json':
      return applyMergePatch(copy(value), patch);
    case 'application/strategic-merge-patch+json':
      return applyStrategicMergePatch(copy(value), patch);
    default: {
      const message = `the body of the request was in an unknown format: ${contentType}`;
      throw new ApiError(415, 'UnsupportedMediaType', message);
    }
  }
}

/** JSON merge patch, RFC 7386. */
function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const result = isJsonObject(target) ? target : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = applyMergePatch(result[key], value);
  }
  return result;
}
