import { laidOutPage } from "./test/bench/receipts/drawn-pages.ts";
import { writeFileSync } from "node:fs";
for (const [p, i] of [["CERTIFY", 576], ["FIT", 40], ["CERTIFY",46],["CERTIFY",112],["CERTIFY",209]] as const) { const x = laidOutPage(p, 1, i); console.log(p, x.name, x.date, x.time); writeFileSync(`/tmp/h6-${p}-${i}.jpg`, await x.bytes()); }
