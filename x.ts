import sharp from "sharp";
import { laidOutPage } from "./test/bench/receipts/drawn-pages.ts";
import { createOcrPool } from "./src/receipts/ocr-pool.ts";
import { readDocument } from "./src/receipts/read-document.ts";
const pools = { por: createOcrPool({ workers: 1, pageTimeoutMs: 120000, memoryMb: 1024, language: "por" }), eng: createOcrPool({ workers: 1, pageTimeoutMs: 120000, memoryMb: 1024, language: "eng" }) };
for (const angle of [3, 5, 8]) {
  let accepted = 0, wrong = 0, n = 0, amounts = 0;
  for (let i = 9000; i < 9060; i += 4) {
    const p = laidOutPage("CERTIFY", 1, i);
    if (p.time === "illegible") continue;
    let b = await p.bytes();
    if (b[0] === 0x25) continue;
    n++;
    if (angle) b = await sharp(b).rotate(angle, { background: "#e9e7e2" }).jpeg({ quality: 92 }).toBuffer();
    const r = await pools[p.language].lend((s) => readDocument(s, b, "JPEG", { referenceDate: p.referenceDate, language: p.language, documentTimeoutMs: 600000 }));
    if (r.verdict === "ACCEPTED") { accepted++; if (r.fields.timestamp.value!.slice(0, 10) !== p.date) wrong++; }
    if (r.fields.amount.value === p.amount) amounts++;
  }
  console.log({ angle, n, accepted, wrong, amounts });
}
await pools.por.close(); await pools.eng.close();
