import type { PageReply } from "./ocr-protocol.ts";
import type { Field, ReceiptFields, ReceiptReading } from "./reading.ts";
import { type Point, turnedBox } from "./turned-box.ts";
import type { Box } from "./words.ts";

type Lay = NonNullable<PageReply["straightened"]>;

/** A reading whose boxes are those of the pages as they came: what was straightened to be read lies askew again. */
export function asItLay(
  reading: ReceiptReading,
  straightened: readonly PageReply["straightened"][],
): ReceiptReading {
  const { pages, fields } = reading;
  const place = <F extends Field>(field: F): F => {
    const lay = straightened[field.page ?? 0];
    const size = pages[field.page ?? 0];
    return lay && size && field.box ? { ...field, box: askew(field.box, size, lay) } : field;
  };
  const placed: ReceiptFields = {
    ...fields,
    timestamp: place(fields.timestamp),
    amount: place(fields.amount),
    cnpj: place(fields.cnpj),
    takerCnpj: place(fields.takerCnpj),
    payee: place(fields.payee),
    payer: place(fields.payer),
    documentNumber: place(fields.documentNumber),
    dueDate: place(fields.dueDate),
  };
  return {
    ...reading,
    pages: pages.map((size, i) => {
      const lay = straightened[i];
      return lay ? { width: lay.width, height: lay.height } : size;
    }),
    fields: placed,
  };
}

/** What holds a box of the straightened page, on the page as it lay: both share their middle. */
function askew(box: Box, size: { width: number; height: number }, lay: Lay): Box {
  return turnedBox(box, -lay.degrees, middleOf(size), middleOf(lay));
}

function middleOf({ width, height }: { width: number; height: number }): Point {
  return [width / 2, height / 2];
}
