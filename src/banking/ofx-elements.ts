/** One tag of an OFX file: an element with a value, or the beginning or end of an aggregate. */
export type OfxTag =
  | { kind: "VALUE"; name: string; value: string; line: number }
  | { kind: "OPEN" | "CLOSE"; name: string; line: number };

const TAG = /<(\/?)([A-Za-z][A-Za-z0-9._]*)\s*(\/?)>([^<]*)/g;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
};

/**
 * The tags of an OFX file in order, from `<OFX>` on. OFX 1 is SGML, in which elements need no end tag; OFX 2 is XML.
 * Both come down to the same here: a tag that text follows is a value, its end tag says nothing more. So files that mix
 * the two, or leave end tags out, are read too. (OFX 1.6, 2.3.1 "Special Characters", and OFX 2.2, chapter 2.)
 *
 * @returns undefined when there is no `<OFX>`
 */
export function ofxTags(text: string): OfxTag[] | undefined {
  const start = text.search(/<OFX>/i);
  if (start < 0) return undefined;
  const tags: OfxTag[] = [];
  const lines = new LineCounter(text);
  for (const match of withoutMarkup(text).matchAll(TAG)) {
    if (match.index < start) continue;
    const [, slash = "", tagName = "", empty = "", following = ""] = match;
    const name = tagName.toUpperCase();
    const line = lines.at(match.index);
    const value = decodeEntities(following).replace(/\s+/g, " ").trim();
    if (slash !== "") {
      if (!closesValue(tags, name)) tags.push({ kind: "CLOSE", name, line });
    } else if (empty === "" && value !== "") {
      tags.push({ kind: "VALUE", name, value, line });
    } else {
      tags.push({ kind: "OPEN", name, line });
      if (empty !== "") tags.push({ kind: "CLOSE", name, line });
    }
  }
  return tags;
}

function closesValue(tags: readonly OfxTag[], name: string): boolean {
  const last = tags.at(-1);
  return last?.kind === "VALUE" && last.name === name;
}

/** Comments, declarations and CDATA's frame, as so many spaces, so that lines keep their numbers. */
function withoutMarkup(text: string): string {
  return text
    .replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, (_, content: string) => content.replaceAll("<", "&lt;"))
    .replace(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>/g, (markup) => markup.replace(/[^\n]/g, " "));
}

/** A bare "&", as banks write it in names, stays. */
function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,6})|#x([\da-f]{1,5})|([a-z]+));/gi,
    (whole, decimal, hex, name) => {
      if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/** Line numbers, from 1, of ascending places in a text. */
class LineCounter {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  at(place: number): number {
    for (let next = this.#text.indexOf("\n", this.#at); next >= 0 && next < place; ) {
      this.#line += 1;
      this.#at = next + 1;
      next = this.#text.indexOf("\n", this.#at);
    }
    return this.#line;
  }
}
