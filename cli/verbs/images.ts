import { runScript } from '../run-script.ts';
import { createVerb } from '../verb.ts';

export function declareImages() {
  return createVerb('images', {
    group: 'Development:',
    summary: "measure the services' images and list what is in them",
    description:
      "Makes what would be in each service's image, tells its size layer by layer and writes its bill of materials (CycloneDX 1.6). Needs neither Docker nor network. Exit code 1 when an image is larger than it may be.",
  })
    .option('--output <folder>', 'where to write <service>.cdx.json', 'images')
    .option('--service <name>', "only this service's image");
}

export const command = () => declareImages().action(runScript('scripts/images/main.ts'));
