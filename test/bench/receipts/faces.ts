import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { GlobalFonts } from "@napi-rs/canvas";

/** Files by family: proportional, fixed-width, and those of tills. All come from npm, so that a drawing is alike on every machine. */
const FILES: Record<string, [packageName: string, file: string]> = {
  sans: ["dejavu-fonts-ttf", "ttf/DejaVuSans.ttf"],
  condensed: ["dejavu-fonts-ttf", "ttf/DejaVuSansCondensed.ttf"],
  mono: ["dejavu-fonts-ttf", "ttf/DejaVuSansMono.ttf"],
  serif: ["dejavu-fonts-ttf", "ttf/DejaVuSerif.ttf"],
  liberation: ["pdfjs-dist", "standard_fonts/LiberationSans-Regular.ttf"],
  roboto: ["@fontsource/roboto", "files/roboto-latin-400-normal.woff2"],
  inconsolata: ["@fontsource/inconsolata", "files/inconsolata-latin-400-normal.woff2"],
  courier: ["@fontsource/courier-prime", "files/courier-prime-latin-400-normal.woff2"],
  technical: ["@fontsource/share-tech-mono", "files/share-tech-mono-latin-400-normal.woff2"],
  dots: ["@fontsource/vt323", "files/vt323-latin-400-normal.woff2"],
};

/** The names under which `faceNamed` has them. */
export const FACES = Object.keys(FILES);

/** Registers a face with the canvas and gives its family name. @throws Error for a name that is none of FACES. */
export function faceNamed(name: string): string {
  const [packageName, file] = FILES[name] ?? [];
  if (packageName === undefined || file === undefined) throw new Error(`"${name}" is no face`);
  const family = `bench-${name}`;
  if (!GlobalFonts.has(family)) {
    const manifest = createRequire(import.meta.url).resolve(`${packageName}/package.json`);
    GlobalFonts.registerFromPath(join(dirname(manifest), file), family);
  }
  return family;
}
