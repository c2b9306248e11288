import { z } from "zod";
import { pluggyAccount, pluggyItem, pluggyTransaction } from "../banking/pluggy-shapes.ts";

/**
 * What the Pluggy sandbox serves, in Pluggy's own shapes; every field beyond the named ones is
 * answered back unchanged. As a JSON file:
 *
 *     {
 *       "items":        [{ "id", "status": "UPDATED", "executionStatus": "SUCCESS", "lastUpdatedAt", … }],
 *       "accounts":     [{ "id", "itemId", "type": "BANK", "subtype": "CHECKING_ACCOUNT", "name", "number", … }],
 *       "transactions": [{ "id", "accountId", "date", "createdAt", "description", "type", "amount",
 *                          "operationType", "paymentData", "status", … }]
 *     }
 *
 * A transaction without `createdAt` counts as created at its `date`. `paymentData.referenceNumber`
 * holds the end-to-end id of a Pix, or else the number that the bank prints beside the entry (the
 * document or check number); `providerCode` is only a code of the kind of transaction.
 */
export const pluggySandboxData = z.object({
  items: z.array(pluggyItem),
  accounts: z.array(pluggyAccount),
  transactions: z.array(pluggyTransaction),
});

export type PluggySandboxData = z.infer<typeof pluggySandboxData>;
