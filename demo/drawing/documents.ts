/**
 * The documents that the demo draws, as plain data. Amounts are decimals ("1234.56"), instants are
 * ISO texts in Brasília's zone ("2026-11-05T14:07:12-03:00"), CNPJs and CPFs have no punctuation.
 */
export type Party = { name: string; document: string };

export type PixProof = {
  kind: "PIX_PROOF";
  layout: "AURORA" | "CERRADO" | "LITORAL";
  paidAt: string;
  amount: string;
  payer: Party;
  payee: Party;
  endToEndId: string;
  description?: string;
  /** When this copy of the proof was printed: a second time on the page, which is not the payment's. */
  printedAt?: string;
};

/** A slip that says a payment was scheduled: no payment yet, so no end-to-end id. */
export type Scheduling = {
  kind: "SCHEDULING";
  layout: "AURORA" | "CERRADO" | "LITORAL";
  requestedAt: string;
  scheduledFor: string;
  amount: string;
  payer: Party;
  payee: Party;
};

export type Boleto = {
  kind: "BOLETO";
  bank: { name: string; code: string };
  line: string;
  barcode: string;
  amount: string;
  issuedOn: string;
  dueDate: string;
  documentNumber: string;
  beneficiary: Party;
  payer: Party;
};

export type BoletoProof = {
  kind: "BOLETO_PROOF";
  layout: "AURORA" | "CERRADO" | "LITORAL";
  line: string;
  amount: string;
  dueDate: string;
  paidAt: string;
  beneficiary: Party;
  payer: Party;
  authentication: string;
};

export type Nfce = {
  kind: "NFCE";
  key: string;
  series: number;
  number: number;
  issuedAt: string;
  issuer: Party & { address: string };
  consumer: Party;
  items: { name: string; quantity: number; unit: string; total: string }[];
  total: string;
};

export type Nfse = {
  kind: "NFSE";
  municipality: string;
  number: string;
  issuedAt: string;
  competence: string;
  verificationCode: string;
  provider: Party;
  taker: Party;
  service: string;
  gross: string;
  retentions: { name: string; amount: string }[];
  net: string;
};

export type Nfe = {
  kind: "NFE";
  key: string;
  series: number;
  number: number;
  issuedAt: string;
  issuer: Party & { address: string };
  recipient: Party;
  items: { name: string; quantity: number; unit: string; total: string }[];
  total: string;
};

export type DemoDocument = PixProof | Scheduling | Boleto | BoletoProof | Nfce | Nfse | Nfe;
