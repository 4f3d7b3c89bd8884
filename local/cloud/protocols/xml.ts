/** XML of the query and REST protocols. */

/** @param listElement name of a list's elements ('member', 'item'); null: the list's own element is repeated */
export function toXml(name: string, value: unknown, listElement: string | null): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) {
    return listElement === null
      ? value.map((element) => toXml(name, element, listElement)).join('')
      : `<${name}>${value.map((element) => toXml(listElement, element, listElement)).join('')}</${name}>`;
  }
  return `<${name}>${contentOf(value, listElement)}</${name}>`;
}

/** The members of an object as elements. */
export function contentOf(value: unknown, listElement: string | null): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([key, member]) => toXml(key, member, listElement))
      .join('');
  }
  return escapeXml(String(value));
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
