import { graphql } from "./api.js";
import { element } from "./element.js";
import { downloadButton } from "./records.js";
import { ACTIONS, actorText, entityText, monthText, timeText } from "./words.js";

const LATER = 100;

/** Closed months, the newest first, with what changed after each. */
export async function closingsList() {
  const { closings } = await graphql(`{ closings(orderBy: ID_DESC, first: 24) { nodes {
    id condominiumId month revision reason closedAt closedBy treeSize closer { name } condominium { name }
    laterChanges(first: ${LATER}) { nodes { recordId recordedAt entityType entityId action actorId } } } } }`);
  return closings.nodes.map(closingElement);
}

function closingElement(closing) {
  const {
    condominiumId,
    month,
    revision,
    reason,
    closedAt,
    closedBy,
    treeSize,
    closer,
    condominium,
  } = closing;
  const later = closing.laterChanges.nodes;
  const count = later.length === LATER ? `${LATER} ou mais` : String(later.length);
  return element(
    "article",
    { class: later.length > 0 ? "alarm" : undefined },
    element("h2", {}, `${monthText(month)}: ${condominium?.name ?? `condomínio ${condominiumId}`}`),
    element(
      "p",
      {},
      later.length === 0
        ? element("span", { class: "badge good" }, "Nada mudou depois do fechamento")
        : element("span", { class: "badge alarm" }, `Mudanças depois do fechamento: ${count}`),
    ),
    element(
      "p",
      {},
      `Fechado em ${timeText(closedAt)} por ${closer?.name ?? `pessoa ${closedBy}`}${revision > 1 ? `, pela ${revision}ª vez` : ""}, sobre as primeiras ${treeSize} folhas do registro.`,
    ),
    element("p", {}, `Motivo: ${reason}`),
    later.length > 0 &&
      element(
        "ul",
        {},
        ...later.map(({ recordId, recordedAt, entityType, entityId, action, actorId }) =>
          element(
            "li",
            {},
            `${timeText(recordedAt)}: ${ACTIONS[action] ?? action}, ${entityText(entityType, entityId)}, por ${actorText(actorId)} (registro ${recordId})`,
          ),
        ),
      ),
    element(
      "div",
      { class: "row" },
      downloadButton(
        "Baixar o pacote do mês, com documentos",
        `/audit/condominiums/${condominiumId}/bundle?month=${month.slice(0, 7)}&documents=true`,
      ),
    ),
  );
}
