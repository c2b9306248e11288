import { graphql } from "./api.js";
import { COSIGNATURES } from "./cosignatures.js";
import { element } from "./element.js";
import { downloadButton } from "./records.js";
import { timeText } from "./words.js";

/** Checkpoints that witnesses cosigned, the newest first. */
export async function witnessesList() {
  const { auditCosignatures, auditCheckpoints } = await graphql(
    `{ ${COSIGNATURES} auditCheckpoints(orderBy: TREE_SIZE_DESC, first: 1) { nodes { treeSize } } }`,
  );
  const cosignatures = auditCosignatures.nodes;
  const sizes = [...new Set(cosignatures.map(({ treeSize }) => treeSize))];
  const size = Number(auditCheckpoints.nodes[0]?.treeSize ?? 0);
  return sizes.map((treeSize, at) =>
    checkpointElement(
      treeSize,
      cosignatures.filter((each) => each.treeSize === treeSize),
      at === 0 ? size - Number(treeSize) : 0,
    ),
  );
}

/** @param {number} later leaves that no witness has signed for */
function checkpointElement(treeSize, cosignatures, later) {
  return element(
    "article",
    {},
    element("h2", {}, `As primeiras ${treeSize} folhas do registro`),
    element(
      "ul",
      {},
      ...cosignatures.map(({ witness, keyId, cosignedAt }) =>
        element("li", {}, `${witness} assinou em ${timeText(cosignedAt)} (chave ${keyId})`),
      ),
    ),
    later > 0 &&
      element("p", { class: "quiet" }, `Folhas que vieram depois, sem testemunha: ${later}.`),
    element(
      "div",
      { class: "row" },
      downloadButton("Baixar o checkpoint assinado", `/log/checkpoints/${treeSize}`),
    ),
  );
}
