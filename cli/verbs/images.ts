import { runScript } from '../run-script.ts';
import { createVerb } from '../verb.ts';

export function declareImages() {
  return createVerb('images', {
    group: 'Development:',
    summary: "measure the services' images and list what is in them",
    description:
      "Builds the contents of each service's container image, prints their sizes layer by layer and writes a bill of materials (CycloneDX 1.6). Needs neither Docker nor network. Exit code 1 when an image exceeds its maximum size.",
  })
    .option('--output <folder>', 'where to write <service>.cdx.json', 'images')
    .option('--service <name>', "only this service's image");
}

export const command = () => declareImages().action(runScript('scripts/images/main.ts'));
