import { graphql } from "./api.js";
import { element } from "./element.js";
import { fieldText } from "./fields.js";
import { DIVERGENCES, placeText, timeText } from "./words.js";

/** Where tables and log do not say the same, open ones first. */
export async function divergencesList() {
  const { auditDivergences } =
    await graphql(`{ auditDivergences(orderBy: ID_DESC, first: 100) { nodes {
    id kind entityType entityId fields firstSeenAt lastSeenAt resolvedAt } } }`);
  return auditDivergences.nodes
    .toSorted((one, other) => Number(one.resolvedAt !== null) - Number(other.resolvedAt !== null))
    .map(divergenceElement);
}

function divergenceElement({
  kind,
  entityType,
  entityId,
  fields,
  firstSeenAt,
  lastSeenAt,
  resolvedAt,
}) {
  return element(
    "article",
    { class: resolvedAt ? undefined : "alarm" },
    element("h2", {}, `${DIVERGENCES[kind] ?? kind}: ${placeText(entityType, entityId)}`),
    element(
      "p",
      {},
      resolvedAt
        ? element("span", { class: "badge good" }, `Resolvida em ${timeText(resolvedAt)}`)
        : element("span", { class: "badge alarm" }, "Aberta"),
    ),
    fields?.length > 0 && element("p", {}, `Campos: ${fields.map(fieldText).join(", ")}`),
    element(
      "p",
      { class: "quiet" },
      `Vista de ${timeText(firstSeenAt)} a ${timeText(lastSeenAt)}.`,
    ),
  );
}
