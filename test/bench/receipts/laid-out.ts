import { type Canvas, createCanvas, type SKRSContext2D } from "@napi-rs/canvas";
import type { Box, Painting } from "../../../demo/drawing/paint.ts";
import { boletoLine, inFours, money, taxpayer } from "../../../demo/drawing/wording.ts";
import {
  makeBoleto,
  makeDfeKey,
  makeEndToEndId,
  makeFreeField,
} from "../../../demo/synthetic/identifiers.ts";
import { cnpjOf } from "../../../demo/synthetic/names.ts";
import type { Random } from "../../../demo/synthetic/random.ts";
import { daysAfter, instant } from "./drawn-documents.ts";
import { faceNamed } from "./faces.ts";
import { type Layout, numberOf, OWN_ROW, printedDate, printedTime } from "./layouts.ts";

/** A label and what stands by it; without a label a line of its own. */
export interface Row {
  label: string;
  value: string;
  holds?: "DATE" | "TIME";
}

/** A document in a layout, painted, and what is true of it. */
export interface LaidOut {
  painting: Painting;
  date: string;
  /** As printed, 'HH:MM:SS' or 'HH:MM'; undefined where the layout prints none. */
  time: string | undefined;
  amount: string;
  referenceDate: string;
  /** All that is printed below the title. */
  rows: readonly Row[];
}

const PEOPLE = ["LIMPADORA BOA VISTA LTDA", "ELEVADORES PAULISTA S.A.", "JARDINS E PODAS LTDA"];
const PLACES = ["CONDOMINIO SOLAR DAS ACACIAS", "CONDOMINIO VISTA DO PARQUE"];
const GOODS = ["TINTA ACRILICA", "LAMPADA LED", "CABO FLEXIVEL", "SACO DE LIXO"];
const ENGLISH_GOODS = ["PAINT BRUSH", "LED BULB", "CABLE 2M", "NOTEBOOK A5", "COFFEE"];

/** A document of the layout with random values. */
export function laidOut(layout: Layout, random: Random): LaidOut {
  const at = instant(random);
  const date = at.slice(0, 10);
  const exact = at.slice(11, 19);
  const amount = `${random.integer(3, 4999)}.${String(random.integer(0, 99)).padStart(2, "0")}`;
  const when = whenRows(layout, date, exact);
  const rest =
    layout.language === "eng"
      ? till(layout, amount, random)
      : brazilian(layout, at, amount, random);
  const middle =
    layout.dateAt === "TOP" ? 0 : layout.dateAt === "BOTTOM" ? rest.length : rest.length >> 1;
  const rows = [...rest.slice(0, middle), ...when, ...rest.slice(middle)];
  const seconds = layout.timeFormat.includes("SS");
  return {
    painting: painted(layout, rows),
    date,
    time: layout.timeFormat === "" ? undefined : exact.slice(0, seconds ? 8 : 5),
    amount,
    referenceDate: daysAfter(at, random.integer(0, 60)),
    rows,
  };
}

function whenRows(layout: Layout, date: string, time: string): Row[] {
  const day = printedDate(layout, date);
  if (layout.timeFormat === "") return [{ label: layout.dateLabel, value: day, holds: "DATE" }];
  const hour = printedTime(layout, time);
  return layout.between === OWN_ROW
    ? [
        { label: layout.dateLabel, value: day, holds: "DATE" },
        { label: layout.timeLabel, value: hour, holds: "TIME" },
      ]
    : [{ label: layout.dateLabel, value: `${day}${layout.between}${hour}`, holds: "TIME" }];
}

function brazilian(layout: Layout, at: string, amount: string, random: Random): Row[] {
  const date = at.slice(0, 10);
  const payee = random.pick(PEOPLE);
  const payer = random.pick(PLACES);
  const due = daysAfter(at, random.integer(1, 20));
  const others = layout.otherDates.map((label) => ({
    label,
    value: printedDate(
      { ...layout, weekday: false },
      label === "Vencimento" ? due : daysAfter(at, random.integer(1, 9)),
    ),
  }));
  const parties = (first: string, second: string): Row[] => [
    { label: first, value: payee },
    { label: "CNPJ", value: taxpayer(cnpjOf(payee)) },
    { label: second, value: payer },
    { label: "CNPJ", value: taxpayer(cnpjOf(payer)) },
  ];
  const total = { label: layout.amountLabel, value: money(amount) };
  switch (layout.kind) {
    case "PIX_PROOF":
      return [
        total,
        ...parties("Recebedor", "Pagador"),
        { label: "", value: "ID da transação" },
        { label: "", value: makeEndToEndId("E", "90000001", at, random) },
        ...others,
      ];
    case "TED_PROOF":
      return [
        total,
        ...parties("Favorecido", "Remetente"),
        { label: "Agência", value: numberOf(random, 4) },
        { label: "Conta", value: numberOf(random, 6) },
        ...others,
        { label: "Autenticação", value: random.characters("0123456789ABCDEF", 12) },
      ];
    case "BOLETO_PROOF":
      return [
        {
          label: "",
          value: boletoLine(makeBoleto("341", amount, due, makeFreeField(random)).line),
        },
        ...others,
        ...parties("Beneficiário", "Pagador"),
        total,
        { label: "Autenticação", value: random.characters("0123456789ABCDEF", 12) },
      ];
    case "NFCE":
      return [
        { label: "CNPJ", value: taxpayer(cnpjOf(payee)) },
        ...goods(GOODS, amount, random, (value) => money(value).slice(3)),
        total,
        { label: "", value: "Chave de acesso" },
        {
          label: "",
          value: inFours(
            makeDfeKey({
              state: "35",
              issuedAt: at,
              issuer: cnpjOf(payee),
              model: "65",
              series: 1,
              number: random.integer(1, 99_999),
              code: numberOf(random, 8),
            }),
          ),
        },
        ...others,
      ];
    default:
      return [
        { label: "Número", value: String(random.integer(1, 9999)) },
        ...parties("Prestador de serviços", "Tomador de serviços"),
        { label: "Competência", value: `${date.slice(5, 7)}/${date.slice(0, 4)}` },
        { label: "Serviço", value: "MANUTENCAO PREDIAL" },
        total,
        ...others,
      ];
  }
}

function till(layout: Layout, amount: string, random: Random): Row[] {
  return [
    { label: "Bill No", value: numberOf(random, 6) },
    { label: "Cashier", value: random.pick(["ANNA", "LIM", "JOE"]) },
    ...goods(ENGLISH_GOODS, amount, random, (value) => value),
    { label: layout.amountLabel, value: amount },
    { label: "CASH", value: amount },
    { label: "CHANGE", value: "0.00" },
    { label: "", value: "THANK YOU, PLEASE COME AGAIN" },
  ];
}

/** One to five goods that make up the amount. */
function goods(
  names: readonly string[],
  amount: string,
  random: Random,
  written: (amount: string) => string,
): Row[] {
  let left = Number(amount.replace(".", ""));
  const rows: Row[] = [];
  for (let more = random.integer(0, 4); more >= 0 && left > 0; more -= 1) {
    const part = more === 0 ? left : Math.floor(left * random.next());
    left -= part;
    const text = `${Math.floor(part / 100)}.${String(part % 100).padStart(2, "0")}`;
    rows.push({ label: random.pick(names), value: written(text) });
  }
  return rows;
}

const MARGIN = 32;

function painted(layout: Layout, rows: readonly Row[]): Painting {
  const measure = createCanvas(1, 1).getContext("2d");
  const step = Math.round(layout.size * 1.5);
  const head = [...layout.issuer.split("\n"), layout.title];
  const fitting = head.flatMap((text) => wrapped(measure, layout, cased(layout, text)));
  const most = (fitting.length + rows.length * 3 + 6) * step + 2 * MARGIN;
  const canvas = createCanvas(layout.width, most);
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#1c1c1c";
  let y = MARGIN + step;
  let hour: Box | undefined;
  const put = (text: string, x: number): Box => {
    context.font = fontOf(layout);
    context.save();
    context.translate(x, y);
    context.scale(layout.stretch, 1);
    context.fillText(text, 0, 0);
    context.restore();
    return [x, y - layout.size * 0.8, x + widthOf(context, layout, text), y + 2];
  };
  for (const text of fitting) {
    put(text, (layout.width - widthOf(context, layout, text)) / 2);
    y += step;
  }
  y = ruled(context, layout, put, y, step);
  for (const row of rows) {
    const label = cased(layout, row.label);
    const value = cased(layout, row.value);
    const right = layout.width - MARGIN - widthOf(context, layout, value);
    const colon = label === "" ? "" : `${label}: `;
    const afterLabel = MARGIN + widthOf(context, layout, colon);
    let at: Box;
    if (widthOf(context, layout, value) > layout.width - 2 * MARGIN) {
      for (const text of wrapped(context, layout, value)) {
        put(text, MARGIN);
        y += step;
      }
      continue;
    }
    if (label === "" || (layout.arrangement === "LINE" && afterLabel <= right)) {
      put(colon, MARGIN);
      at = put(value, Math.min(afterLabel, Math.max(4, right)));
    } else if (layout.arrangement === "EDGES" && afterLabel <= right) {
      put(label, MARGIN);
      at = put(value, right);
    } else {
      put(label, MARGIN);
      y += step;
      at = put(value, Math.max(4, Math.min(MARGIN, right)));
    }
    if (row.holds === "TIME") hour = hourIn(context, layout, value, at);
    y += step;
  }
  y = ruled(context, layout, put, y, step);
  return { canvas: cropped(canvas, y + MARGIN), hour, background: "#ffffff" };
}

/** The hour is what ends the row. */
function hourIn(context: SKRSContext2D, layout: Layout, value: string, [x0, y0, x1, y1]: Box): Box {
  const hour = /\d{1,2}[:h]\d{2}(?::\d{2})?(?: [AP]M)?$/i.exec(value)?.[0] ?? value;
  return [Math.max(x0, x1 - widthOf(context, layout, hour)), y0, x1, y1];
}

function ruled(
  context: SKRSContext2D,
  layout: Layout,
  put: (text: string, x: number) => Box,
  y: number,
  step: number,
): number {
  if (layout.rule === "NONE") return y;
  if (layout.rule === "LINE") {
    context.fillRect(MARGIN, y - step / 2, layout.width - 2 * MARGIN, 2);
    return y + step / 2;
  }
  const mark = layout.rule === "DASHES" ? "-" : "*";
  const count = Math.floor((layout.width - 2 * MARGIN) / widthOf(context, layout, mark));
  put(mark.repeat(count), MARGIN);
  return y + step;
}

function fontOf({ size, face }: Layout): string {
  return `${size}px ${faceNamed(face)}`;
}

function widthOf(context: SKRSContext2D, layout: Layout, text: string): number {
  context.font = fontOf(layout);
  return context.measureText(text).width * layout.stretch;
}

function cased(layout: Layout, text: string): string {
  // Letters of an end-to-end id are not the same small and large.
  return layout.capitals && !/^E\d{8}/.test(text) ? text.toUpperCase() : text;
}

function wrapped(context: SKRSContext2D, layout: Layout, text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && widthOf(context, layout, longer) <= layout.width - 2 * MARGIN) {
      lines[lines.length - 1] = longer;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

function cropped(canvas: Canvas, height: number): Canvas {
  const copy = createCanvas(canvas.width, Math.min(canvas.height, Math.ceil(height)));
  copy.getContext("2d").drawImage(canvas, 0, 0);
  return copy;
}
