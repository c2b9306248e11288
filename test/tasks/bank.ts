import { createPluggyClient, type PluggyClient } from "../../src/banking/pluggy-client.ts";
import type { PluggyTransaction } from "../../src/banking/pluggy-shapes.ts";
import {
  type PluggySandbox,
  type PluggySandboxOptions,
  startPluggySandbox,
} from "../../src/sandbox/pluggy.ts";

const credentials = { clientId: "client", clientSecret: "secret" };

/** A sandbox of Pluggy with one item and account, and a client that speaks to it. */
export interface Bank {
  sandbox: PluggySandbox;
  client: PluggyClient;
}

export async function startBank(
  clock: () => Date,
  options: Partial<PluggySandboxOptions> = {},
): Promise<Bank> {
  const sandbox = await startPluggySandbox({
    port: 0,
    ...credentials,
    clock,
    data: {
      items: [{ id: "item", status: "UPDATED", lastUpdatedAt: clock().toISOString() }],
      accounts: [
        { id: "account", itemId: "item", type: "BANK", name: "Conta", number: "0001/56789-0" },
      ],
      transactions: [],
    },
    ...options,
  });
  const client = createPluggyClient({
    baseUrl: sandbox.url,
    ...credentials,
    timeoutMs: 5_000,
    clock,
  });
  return { sandbox, client };
}

/** An entry of the account. `amount` is in reais, a debit negative; Elevadores Exemplo is the other side. */
export function entry(
  id: string,
  at: string,
  amount: number,
  description: string,
  more: Partial<PluggyTransaction> = {},
): PluggyTransaction {
  const other = {
    name: "ELEVADORES EXEMPLO LTDA",
    documentNumber: { type: "CNPJ", value: "11.222.333/0001-81" },
  };
  return {
    id,
    accountId: "account",
    date: at.length === 10 ? `${at}T03:00:00.000Z` : at,
    description,
    type: amount < 0 ? "DEBIT" : "CREDIT",
    amount,
    status: "POSTED",
    paymentData: amount < 0 ? { receiver: other } : { payer: other },
    ...more,
  };
}
