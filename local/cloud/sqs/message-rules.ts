/**
 * What SQS refuses in a message.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
import { ServiceError } from '../service-error.ts';
import type { MessageAttribute, MessageAttributes } from './digests.ts';

/** #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF */
const allowedCharacters = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;
const maxAttributes = 10;
const maxNameLength = 256;
const attributeName = /^[\w-]+(?:\.[\w-]+)*$/;
const reservedPrefix = /^(?:aws|amazon)\./i;
const dataType = /^(?:String|Number|Binary)(?:\..+)?$/;
const number = /^-?\d{1,38}(?:\.\d+)?(?:e[+-]?\d{1,3})?$/i;

/** @throws ServiceError InvalidMessageContents, InvalidParameterValue */
export function checkMessage(body: string, attributes: MessageAttributes): void {
  if (!allowedCharacters.test(body))
    throw new ServiceError('InvalidMessageContents', 'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF'); // biome-ignore format: one line
  const entries = Object.entries(attributes);
  if (entries.length > maxAttributes)
    throw refusal(`Number of message attributes [${entries.length}] exceeds the allowed maximum [${maxAttributes}].`);
  for (const [name, attribute] of entries) checkAttribute(name, attribute);
}

function checkAttribute(name: string, { DataType, StringValue, BinaryValue }: MessageAttribute): void {
  if (name.length > maxNameLength) throw refusal(`Length of message attribute name must be less than ${maxNameLength} bytes.`); // biome-ignore format: one line
  if (reservedPrefix.test(name))
    throw refusal(`Message attribute names starting with 'AWS.' or 'Amazon.' are reserved for use by Amazon.`);
  if (!attributeName.test(name)) throw refusal('Invalid non-alphanumeric character was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.'); // biome-ignore format: one line
  if (DataType.length > maxNameLength || !dataType.test(DataType))
    throw refusal(`The type of message attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`); // biome-ignore format: one line
  const isBinary = DataType.startsWith('Binary');
  const value = isBinary ? BinaryValue : StringValue;
  if (value === undefined || value === '')
    throw refusal(`Message (user) attribute '${name}' must contain a non-empty value of type '${DataType}'.`);
  if (isBinary) return;
  if (!allowedCharacters.test(value)) throw refusal(`The message attribute '${name}' contains invalid characters.`);
  if (DataType.startsWith('Number') && !number.test(value))
    throw refusal(`Can't cast the value of message (user) attribute '${name}' to a number.`);
}

const refusal = (message: string) => new ServiceError('InvalidParameterValue', message);
