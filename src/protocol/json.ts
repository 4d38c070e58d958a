/** What a JSON text can say. Nothing that only readers of hostile JSON need: see json-flaws.ts. */

export type Json = null | boolean | number | string | Json[] | {[key: string]: Json};
export type JsonObject = {[key: string]: Json};

/** Values may nest this deep; beyond it `JSON.stringify` and structured clone run out of stack somewhere. */
export const MAX_DEPTH = 64;

/** Bytes of the text in UTF-8, without encoding it. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    bytes += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An id as it may travel: text of 1 to 1,024 characters, well-formed, without NUL (Postgres has no place for it). */
export function isId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= 1024 &&
    value.isWellFormed() &&
    !value.includes('\0')
  );
}

/** A type name as it may travel: an id of at most 255 characters that can't be mistaken for an object's own machinery. */
export function isTypeName(value: unknown): value is string {
  return (
    isId(value) && value.length <= 255 && value !== '__proto__' && value !== 'constructor' && value !== 'prototype'
  );
}
