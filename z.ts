import sharp from "sharp";
import { decodeBarcodes } from "./src/receipts/barcodes.ts";
import { laidOutPage } from "./test/bench/receipts/drawn-pages.ts";
import { decodePicture } from "./src/receipts/picture.ts";
const b = await laidOutPage("CERTIFY", 1, 576).bytes();
for (const w of [600, 1500, 3000]) { const p = await decodePicture(await sharp(b).resize({ width: w }).png().toBuffer()); for (let i=0;i<2;i++) { const c=process.cpuUsage(); await decodeBarcodes(p); const u=process.cpuUsage(c); console.log(w, p.width*p.height/1e6, (u.user+u.system)/1000); } }
console.log(process.memoryUsage().rss/1e6);
