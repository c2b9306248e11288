import { loadObservations, passedOf, outcomeOf } from "./test/bench/receipts/calibration/observation.ts";
import { CANDIDATES, crossValidated, examplesOf, fitLogistic } from "./test/bench/receipts/calibration/fit.ts";
const o = await loadObservations(process.argv[2]!);
const fit = o.filter(x=>x.purpose==="FIT"), held = o.filter(x=>x.purpose==="CERTIFY");
const ex = examplesOf(fit);
for (const part of ["day","hour"] as const) { console.log(part, ex[part].length, ex[part].filter(e=>!e.right).length);
 for (const [n,f] of Object.entries(CANDIDATES)) console.log("  ", n, crossValidated(ex[part], f).toFixed(4)); }
const model = { day: fitLogistic(ex.day), hour: fitLogistic(ex.hour) };
console.log(model);
for (const l of [0,.9,.95,.97,.98,.985,.99,.995,.998,.999]) console.log(l, JSON.stringify(passedOf(fit, model, l)), JSON.stringify(passedOf(held, model, l)), fit.length, held.length);
for (const x of o) { const r=outcomeOf(x, model, 0); if (r.verdict==="WRONG") console.log(x.purpose, x.index, x.kind, JSON.stringify(x.stages), r); }
console.log("nostage", held.filter(x=>x.stages.length===0).length, "plain", held.filter(x=>x.plain).length, held.filter(x=>x.plain&&!x.plain.right).length);
const review = held.filter(x=>outcomeOf(x,model,0).verdict==="REVIEW"); const by=new Map<string,number>(); for (const r of review) { const s=r.stages.at(-1); const k=`${r.kind}/${!s?"none":s.contradicted?"contradicted":!s.day.holds?"day":s.needed&&!s.hour?"nohour":s.needed?"hour":"?"}`; by.set(k,(by.get(k)??0)+1);} console.log([...by].sort((a,b)=>b[1]-a[1]));
