/** Collections whose plural is no word: the view's own name is what people look for. */
const COLLECTIONS: Readonly<Record<string, string>> = {
  audit_log: "auditLog",
  evidence_precision: "evidencePrecision",
  income: "income",
};

/** One row of those, by key. */
const SINGLE_ROWS: Readonly<Record<string, string>> = {
  audit_log: "auditRecord",
  evidence_precision: "precisionOfEvidence",
  income: "incomeMovement",
};

/** Names in GraphQL where the inflection of the table's name is not what people would expect. */
export const namesPlugin: GraphileConfig.Plugin = {
  name: "BlindagemNamesPlugin",
  version: "1.0.0",
  inflection: {
    replace: {
      // The column id is `id`: no opaque id of the library's takes that name (preset.ts).
      _attributeName(previous, _options, details) {
        return previous?.({ ...details, skipRowId: true }) ?? details.attributeName;
      },
      allRowsConnection(previous, _options, resource) {
        return COLLECTIONS[resource.name] ?? previous?.(resource) ?? resource.name;
      },
      rowByUnique(previous, _options, details) {
        return SINGLE_ROWS[details.resource.name] ?? previous?.(details) ?? details.resource.name;
      },
    },
  },
};
