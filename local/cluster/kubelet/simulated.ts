/** Containers of images that are not the project's: nothing runs behind them, and they say so. */
export const simulatedAnnotation = 'stepkube.dev/simulated';

/** Pulling an image and starting it takes about this long on a real node. */
export const simulatedPullSeconds = 6;
export const simulatedStartSeconds = 2;

/** An image in somebody's private registry must exist there: only the project's own are known. */
export function isPrivateRegistry(image: string): boolean {
  return /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\//.test(image);
}
