import { laidOutPage } from "./test/bench/receipts/drawn-pages.ts";
import { createOcrPool } from "./src/receipts/ocr-pool.ts";
const pool = createOcrPool({ workers: 1, pageTimeoutMs: 120000, memoryMb: 1024, language: "por" });
await pool.lend(async (s) => { await s.open(await laidOutPage("CERTIFY", 1, 46).bytes(), "JPEG"); const p = await s.page(0, "FIRST");
 const l = p.lines.find(l => l.some(w => w.text.includes("/2026")))!; const b = l[0]!.box; const h=b[3]-b[1];
 for (const look of ["ENLARGED","SMOOTHED","OTHER_DATA","OTHER_DATA_SMOOTHED"] as const) { const r = await s.strip(0, [b[0]-h/2, b[1]-h/3, l.at(-1)!.box[2]+h/2, b[3]+h/3], look); console.log(look, r.words.map(w=>w.text+" "+w.weakest.toFixed(2)).join(" ")); } });
await pool.close();
