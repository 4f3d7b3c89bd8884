/** Containers of images that are not the project's: no process runs for them. */

/** About how long a real node takes to pull an image and to start it. */
export const simulatedPullSeconds = 6;
export const simulatedStartSeconds = 2;

/** Whether an image is in a private ECR registry. There, only the project's own images exist; public ones always do. */
export function isPrivateImage(image: string): boolean {
  return /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\//.test(image);
}
