import { describe, expect, it } from 'vitest';
import { originsIn, withExternalAddress } from '#local/cluster/kubelet/external-urls.ts';

const origins = originsIn({ AWS_ENDPOINT_URL: 'http://127.1.0.1:4566', MODEL_PATH: '/model/yolov5n.onnx' });
const through = (value: string) => withExternalAddress(value, origins, () => ({ host: '127.1.9.9', port: 7000 }));

describe("URLs of AWS and Telegram in a pod's environment", () => {
  it('lead through the address that waits for a look-up, with their path', () => {
    expect(through('http://127.1.0.1:4566')).toBe('http://127.1.9.9:7000');
    expect(through('http://127.1.0.1:4566/111122223333/jobs?x=1')).toBe('http://127.1.9.9:7000/111122223333/jobs?x=1');
  });

  it.each(['http://127.1.0.1:45660/x', 'https://127.1.0.1:4566', '/model/yolov5n.onnx', 'stepkube-jobs'])(
    '%s is left as it is',
    (value) => {
      expect(through(value)).toBe(value);
    },
  );
});
