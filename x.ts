import { pathToFileURL } from "node:url";
import { loadObservations, passedOf, outcomeOf } from "./test/bench/receipts/calibration/observation.ts";
import { CANDIDATES, crossValidated, examplesOf, fitLogistic } from "./test/bench/receipts/calibration/fit.ts";
const o = await loadObservations(pathToFileURL(process.argv[2]!));
const ex = examplesOf(o);
for (const part of ["day","hour"] as const) { console.log(part, ex[part].length, ex[part].filter(e=>!e.right).length);
 for (const [n,f] of Object.entries(CANDIDATES)) console.log("  ", n, crossValidated(ex[part], f).toFixed(4)); }
const model = { day: fitLogistic(ex.day), hour: fitLogistic(ex.hour) };
console.log(model);
for (const l of [0,.9,.95,.97,.98,.985,.99,.995,.998,.999]) console.log(JSON.stringify(passedOf(o, model, l)), o.length);
for (const x of o) { const r=outcomeOf(x, model, 0); if (r.verdict==="WRONG") console.log(x.index, x.kind, JSON.stringify(x.stages), r); }
console.log("nostage", o.filter(x=>x.stages.length===0).length, "day wrong held", o.filter(x=>x.stages.some(s=>!s.day.right)).map(x=>x.index).join(" "));
