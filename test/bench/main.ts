/**
 * `npm run bench -- batch-expenses`: how long POST /batch-expenses takes.
 * `npm run bench -- queue`: the queue's rates, beside those of what it stands on and of what it replaces.
 * `npm run bench -- reconciliation`: how well, and how fast, expenses and movements are matched.
 * `npm run bench -- audit`: the audit log: capturing, sealing, verifying, proving, and how long auditors wait.
 * `npm run bench -- receipts`: how well receipts are read, on drawn pages or a folder of labelled ones.
 * `npm run bench -- receipts-speed`: how quickly, beside Debian's tesseract.
 * `npm run bench -- receipts-collect`, `receipts-observe`, `receipts-calibrate`: the probabilities of what is read, step by step.
 * Options follow; see the files.
 */
const [name = "batch-expenses", ...options] = process.argv.slice(2);
process.argv = [...process.argv.slice(0, 2), ...options];
switch (name) {
  case "batch-expenses":
    await import("./batch-expenses.ts");
    break;
  case "queue":
    await import("./queue/main.ts");
    break;
  case "reconciliation":
    await import("./reconciliation/main.ts");
    break;
  case "audit":
    await import("./audit/main.ts");
    break;
  case "receipts":
    await import("./receipts/main.ts");
    break;
  case "receipts-speed":
    await import("./receipts/speed.ts");
    break;
  case "receipts-collect":
    await import("./receipts/calibration/collect.ts");
    break;
  case "receipts-observe":
    await import("./receipts/calibration/observe.ts");
    break;
  case "receipts-calibrate":
    await import("./receipts/calibration/calibrate.ts");
    break;
  default:
    process.stderr.write(
      `No bench is called "${name}": batch-expenses, queue, reconciliation, audit, receipts, receipts-speed, receipts-collect, receipts-observe, receipts-calibrate.\n`,
    );
    process.exitCode = 1;
}
