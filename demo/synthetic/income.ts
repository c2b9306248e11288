import { formatDecimal } from "../../src/money/centavos.ts";
import { resident } from "../traps/income.ts";
import { at, dateOnly } from "./calendar.ts";
import { createRandom, seedOf } from "./random.ts";
import type { Place, Scene } from "./scene.ts";
import { holderOf, post } from "./statement.ts";

/** Dues that come in, and money that only moves between the condominium's own pockets. */
export function income(scene: Scene, { condominium }: Place): void {
  const { code } = condominium;
  const random = createRandom(seedOf(`income:${code}`));
  const is = (id: string, outcome: "INCOME" | "NEUTRAL", trap: string) =>
    scene.movement(id, { condominium: code, trap, outcome });

  for (let number = 1; number <= 12; number += 1) {
    const unit = `${random.integer(1, 12)}0${random.integer(1, 4)}`;
    const amount = formatDecimal(BigInt(random.integer(104_000, 256_000)));
    const day = `2026-11-${String(random.integer(6, 18)).padStart(2, "0")}`;
    if (number % 3 === 0) {
      const id = post(scene.model, code, {
        key: `income:${number}`,
        date: dateOnly(day),
        direction: "CREDIT",
        amount,
        description: `LIQUIDACAO COBRANCA UNIDADE ${unit}`,
        operationType: "BOLETO",
      });
      is(id, "INCOME", "income");
    } else {
      const time = `${random.integer(10, 22)}:${random.integer(10, 59)}:${random.integer(10, 59)}`;
      is(resident(scene, code, String(number), amount, at(day, time), unit), "INCOME", "income");
    }
  }

  if (code === "HZ-01" || code === "BV-01" || code === "IP-02") {
    const sweep = (day: string, direction: "DEBIT" | "CREDIT", amount: string, memo: string) =>
      is(
        post(scene.model, code, {
          key: `sweep:${day}`,
          date: dateOnly(day),
          direction,
          amount,
          description: memo,
          operationType: direction === "CREDIT" ? "RESGATE_APLIC_FINANCEIRA" : "OUTROS",
        }),
        "NEUTRAL",
        "sweep",
      );
    sweep("2026-11-04", "CREDIT", "18000.00", "RESGATE AUTOMATICO");
    sweep("2026-11-09", "DEBIT", "12500.00", "APLIC AUTOMATICA");
    sweep("2026-11-16", "DEBIT", "9400.00", "APLIC AUTOMATICA");
  }
  if (code === "HZ-02") reserve(scene, code);
}

/** From the current account to the reserve fund of the same condominium. */
function reserve(scene: Scene, code: string) {
  const counterparty = holderOf(scene.model, code);
  const transfer = (direction: "DEBIT" | "CREDIT", purpose: "ORDINARY" | "RESERVE") => {
    const id = post(scene.model, code, {
      key: `reserve:${direction}`,
      date: dateOnly("2026-11-10"),
      direction,
      amount: "3500.00",
      description:
        direction === "DEBIT"
          ? "TRANSF ENTRE CONTAS FUNDO RESERVA"
          : "TRANSF RECEBIDA CONTA CORRENTE",
      operationType: "TRANSFERENCIA_MESMA_INSTITUICAO",
      counterparty,
      purpose,
    });
    scene.movement(id, { condominium: code, trap: "ownTransfer", outcome: "NEUTRAL" });
  };
  transfer("DEBIT", "ORDINARY");
  transfer("CREDIT", "RESERVE");
}
