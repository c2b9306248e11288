/**
 * The bytes of a base64 text (RFC 4648 section 4), or undefined unless it is written in the only way: with padding,
 * without spaces, and with unused bits of zero. Two texts for the same bytes would be two notes for one.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
