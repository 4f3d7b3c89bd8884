/** An ISO base media box within a file. */
interface Box {
  readonly type: string;
  /** Offsets of the header, of the content and of the end, in bytes. */
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

const containers: Readonly<Record<string, number>> = { meta: 4, iprp: 0, ipco: 0 };

/** All boxes, those inside of containers included. */
function boxesOf(file: Buffer, from = 0, to = file.length): Box[] {
  const boxes: Box[] = [];
  for (let start = from; start + 8 <= to; ) {
    const type = file.toString('latin1', start + 4, start + 8);
    const box = { type, start, content: start + 8, end: start + file.readUInt32BE(start) };
    boxes.push(box);
    const skipped = containers[type];
    if (skipped !== undefined) boxes.push(...boxesOf(file, box.content + skipped, box.end));
    start = box.end;
  }
  return boxes;
}

/**
 * The same AVIF with the property `irot` (a quarter turn), which decoders apply and which sharp cannot write.
 * ISO/IEC 23008-12, 6.5.10. Takes what sharp writes: `ipma` version 0 with one-byte entries, and `iloc` version 0 with base offsets of 4 bytes.
 */
export function rotatedAvif(avif: Buffer): Buffer {
  const boxes = boxesOf(avif);
  const box = (type: string) => boxes.find((candidate) => candidate.type === type)!;
  const [meta, iprp, ipco, ipma, iloc] = ['meta', 'iprp', 'ipco', 'ipma', 'iloc'].map(box) as [Box, Box, Box, Box, Box];
  const properties = boxesOf(avif, ipco.content, ipco.end).length;
  const irot = Buffer.from([0, 0, 0, 9, ...Buffer.from('irot'), 1]);
  const added = irot.length + 1;

  const file = Buffer.from(avif);
  const grow = ({ start }: Box, bytes: number) => file.writeUInt32BE(file.readUInt32BE(start) + bytes, start);
  grow(meta, added);
  grow(iprp, added);
  grow(ipco, irot.length);
  grow(ipma, 1);
  // ipma: version and flags, number of items, then id (2 bytes), number of properties, properties of the first item.
  const count = ipma.content + 8 + 2;
  const associations = file.readUInt8(count);
  file.writeUInt8(associations + 1, count);
  // iloc: the data of each item (id, data reference, base offset, extents) lies behind the grown boxes.
  const items = file.readUInt16BE(iloc.content + 6);
  for (let item = 0, at = iloc.content + 8; item < items; item += 1) {
    file.writeUInt32BE(file.readUInt32BE(at + 4) + added, at + 4);
    at += 10 + 8 * file.readUInt16BE(at + 8);
  }
  const endOfAssociations = count + 1 + associations;
  return Buffer.concat([
    file.subarray(0, ipco.end),
    irot,
    file.subarray(ipco.end, endOfAssociations),
    Buffer.from([0x80 | (properties + 1)]), // essential
    file.subarray(endOfAssociations),
  ]);
}
