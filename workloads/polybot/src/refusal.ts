/**
 * What a refusal of Telegram means for what comes next: not every 400 is the end of a message. Telegram documents no list of its
 * descriptions; these are the ones that bots meet.
 */
export type Refusal =
  /** The bot's token is wrong or revoked: no call can succeed until it is replaced. */
  | 'token'
  /** The chat is closed to the bot: blocked, removed, deleted, or without the right to write. */
  | 'chat-closed'
  /** Texts are allowed, media are not. */
  | 'no-media'
  /** This photo is not accepted; as a file it may be. */
  | 'not-as-photo'
  /** The group has become a supergroup with another id. */
  | 'moved'
  | 'other';

const closed =
  /chat not found|user is deactivated|bot was (?:blocked|kicked)|CHAT_WRITE_FORBIDDEN|no rights to send a message|need administrator rights|not enough rights to send text|TOPIC_CLOSED|message thread not found|CHAT_RESTRICTED|PEER_ID_INVALID/i;
const noMedia = /not enough rights to send (?:photos|documents|media)|CHAT_SEND_(?:PHOTOS|DOCS|MEDIA)_FORBIDDEN/i;
const notAsPhoto = /PHOTO_INVALID_DIMENSIONS|PHOTO_SAVE_FILE_INVALID|IMAGE_PROCESS_FAILED|wrong type of the web page/i;

export function refusalOf(code: number, description: string, movedTo: number | undefined): Refusal {
  if (code === 401 || code === 404) return 'token';
  if (code === 403) return noMedia.test(description) ? 'no-media' : 'chat-closed';
  if (movedTo !== undefined) return 'moved';
  if (noMedia.test(description)) return 'no-media';
  if (closed.test(description)) return 'chat-closed';
  return notAsPhoto.test(description) ? 'not-as-photo' : 'other';
}
