/**
 * onnxruntime-node, which is imported here only. Since 1.29 every process that loads it reports to its maker's servers, unless this
 * variable is set before: onnxruntime docs/Privacy.md.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';

// A static import would run first.
export const { InferenceSession, Tensor } = await import('onnxruntime-node');
