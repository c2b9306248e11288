import { describe, expect, it } from "@jest/globals";
import { findAmount } from "../../../src/receipts/fields/amount.ts";
import { printed } from "../printed.ts";

const total = (text: string): string | null => findAmount(printed(text), "TILL_RECEIPT").value;

describe("the total of a till receipt", () => {
  it("is what was given less the change, where that is printed", () => {
    expect(
      total("TOTAL AMT RM 80.31\nROUNDING ADJ -0.01\nRM 60.30\nCASH RM 70.30\nCHANGE 10.00"),
    ).toBe("60.30");
    expect(total("GRAND TOTAL 1000\nSUB TOTAL 10.00\nCASH 20.00\nCHANGE DUE 10.00")).toBe("10.00");
    expect(total("Total 12,50\nDinheiro 20,00\nTroco 7,50")).toBe("12.50");
    // The label of what was given was lost.
    expect(total("Rounding Adj 0.04\nflue 19.20\nFay 20.00\nChange 0.80")).toBe("19.20");
  });

  it("is the amount after rounding", () => {
    expect(total("TOTAL AMOUNT RM 60.31\nROUNDING ADJ -0.01\nROUNDED TOTAL RM 60.30")).toBe(
      "60.30",
    );
    expect(total("TOTAL 17.22\nRND ADJ 0.02-\nTTL ATF RND 17.20")).toBe("17.20");
    expect(total("Total Sales (Inclusive GST) RM 27.28\nRounding Adjustment RM 0.02\n27.30")).toBe(
      "27.30",
    );
  });

  it("is beside the best label, and below one that stands alone", () => {
    expect(total("Total 6% supplies (Inc. GST): 29.33\nTotal Payable: 27.20")).toBe("27.20");
    expect(total("Total Sales (Excluding GST) 94.34\nTotal Sales (Inclusive of GST) 100.00")).toBe(
      "100.00",
    );
    expect(total("Subtotal: 99.05\nTotal:\n105.00\nS @6% 5.95")).toBe("105.00");
    expect(total("T07AL 71.00\nGST @6% 4.02")).toBe("71.00");
    expect(total("Total Incl. GST RM 38.00\nGST @6% included in total RM 2.15")).toBe("38.00");
  });

  it("is not what was given, nor the change, where the total was not read", () => {
    expect(total("TOTAL PAYABLE AMOUNT 80\nCASH 50.00\nCHANGE 16.20")).toBeNull();
    expect(total("Totzl Incl GST@6% RM 119?70\nCASH RM 120.00\nCHANGE RM 0.30")).toBeNull();
    expect(total("Total\nDinheiro 20,00\nTroco 7,50")).toBeNull();
  });

  it("goes by what a net amount is called, too", () => {
    expect(total("Gross Amt 47 80\nGST (6%) : 2.86\nNet Amt : 53.55")).toBe("53.55");
    expect(total("Total 26.82\nAmount To Be Paid : 26.80")).toBe("26.80");
  });

  it("is what was given when nothing came back, and what a card paid", () => {
    expect(total("Total Sales (Inclusive of GST) : (742 )\nCASH : 7.42\nChange : 0.00")).toBe(
      "7.42",
    );
    expect(total("NET TOTAL 140\nCash 7.40\nCHANGE 0,00")).toBe("7.40");
    expect(total("FuelSave 95 RM 88 17\nVisa RM 88.17\nTotal Gross C RM 86.17")).toBe("88.17");
    // A card's amount alone may be the one that was misread.
    expect(total("Total Inclusive GST: 165.00\nMASTER 185.00")).toBe("165.00");
  });

  it("is a net amount and its tax, rounded", () => {
    expect(total("SUB-TOTAL 26.00\nGST 6% 1.56\nROUNDING : -0.01\nICRLAT 27.55")).toBe("27.55");
    expect(total("TOTAL EXCL.GST 28.11\nADD : GST (@ 6% On 1.69\n29.80\nCASH 80.00")).toBe("29.80");
  });

  it("is not the tax that is in it", () => {
    expect(total("Grand Total el .30\n(Bill Inclusive of 6% GST : RM2.90)\nCash RM51.30")).toBe(
      "51.30",
    );
  });

  it("is read without its point where the change bears it out, and not otherwise", () => {
    expect(total("Grand Total 9280\nCash Received 100.00\nChange 7.20")).toBe("92.80");
    expect(total("Grand Total 9280\nServed by LIM")).toBeNull();
  });

  it("is found by a word with a wrong letter, and in figures apart", () => {
    expect(total("FOTAL 12.00\nGST 0.68")).toBe("12.00");
    expect(total("arand TotatRM 15.40\nDiscount RM1.16")).toBe("15.40");
    expect(total("Grand Total RM 1 4 . 20\nDiscount RM1.57")).toBe("14.20");
    expect(total("Type Rate A fM3.00\nTotal M3.00")).toBe("3.00");
  });

  it("is missing where no total is printed", () => {
    expect(total("ITEM 3.00\nGST 0.18")).toBeNull();
  });
});
