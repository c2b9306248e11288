import { loadObservations, passedOf, outcomeOf } from "./test/bench/receipts/calibration/observation.ts";
import { examplesOf, fitLogistic } from "./test/bench/receipts/calibration/fit.ts";
const o = await loadObservations(process.argv[2]!);
const ex = examplesOf(o.filter(x=>x.purpose==="FIT"||x.layout<157));
const model = { day: fitLogistic(ex.day), hour: fitLogistic(ex.hour) };
const last = o.map(x=>({...x, stages: x.stages.slice(-1)}));
for (const [n, s] of [["first then all", o], ["all", last]] as const) for (const l of [0,.9,.95,.97,.98,.985,.99,.995,.998]) {
 const h = s.filter(x=>x.purpose==="CERTIFY"), f=s.filter(x=>x.purpose==="FIT");
 const hours = h.filter(x=>outcomeOf(x,model,l).withHour).length;
 console.log(n, l, JSON.stringify(passedOf(h, model, l)), "hours", hours, "| fit", JSON.stringify(passedOf(f, model, l))); }
