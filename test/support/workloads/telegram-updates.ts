const user = { id: 42, is_bot: false, first_name: 'Planted-Name' };
let lastUpdateId = 0;

/** An update with message 7 of user 42; every call gives a new update id. */
export function updateOf<Content extends object>(content: Content) {
  lastUpdateId += 1;
  const chat = { id: 42, type: 'private', first_name: 'Planted-Name' };
  return { update_id: lastUpdateId, message: { message_id: 7, date: 0, chat, from: user, ...content } };
}

/** A photo in two sizes: files 'small' and 'large'. */
export const photoUpdate = () =>
  updateOf({
    photo: [
      { file_id: 'small', file_unique_id: 's', width: 90, height: 60, file_size: 3 },
      { file_id: 'large', file_unique_id: 'l', width: 900, height: 600, file_size: 7 },
    ],
  });

/** An album as Telegram delivers it: one message per photo, the caption with the first. */
export const albumUpdates = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const { message, ...update } = photoUpdate();
    const caption = index === 0 ? { caption: 'planted-caption' } : {};
    return { ...update, message: { ...message, ...caption, message_id: 20 + index, media_group_id: '1' } };
  });

/** A document: file 'file'. */
export const documentUpdate = (document: object) =>
  updateOf({ document: { file_id: 'file', file_unique_id: 'f', file_size: 7, ...document } });

export const commandUpdate = (text: string) =>
  updateOf({ text, entities: [{ type: 'bot_command', offset: 0, length: text.length }] });
