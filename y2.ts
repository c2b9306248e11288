import { loadObservations } from "./test/bench/receipts/calibration/observation.ts";
import { CANDIDATES, crossValidated, examplesOf, fitLogistic } from "./test/bench/receipts/calibration/fit.ts";
import { probabilityBy } from "./src/receipts/probability.ts";
const o = await loadObservations(process.argv[2]!);
const fit = o.filter(x=>x.purpose==="FIT"||x.layout<157);
const ex = examplesOf(fit);
for (const part of ["day","hour"] as const) { console.log(part, ex[part].length, ex[part].filter(e=>!e.right).length);
 for (const r of [0.1,0.5,1,3]) { const l = crossValidated(ex[part], (e)=>{const w=fitLogistic(e, undefined, r); return t=>probabilityBy(w,t)}); console.log("ridge", r, l.toFixed(4), JSON.stringify(fitLogistic(ex[part],undefined,r))); }
 for (const [n,f] of Object.entries(CANDIDATES).slice(2)) console.log("  ", n, crossValidated(ex[part], f).toFixed(4));
 for (const e of ex[part]) if(!e.right) console.log(JSON.stringify(e.traits)); }
