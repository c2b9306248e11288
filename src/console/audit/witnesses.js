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
  const newest = cosignatures.find(({ isTrue }) => isTrue)?.treeSize;
  return sizes.map((treeSize) =>
    checkpointElement(
      treeSize,
      cosignatures.filter((each) => each.treeSize === treeSize),
      treeSize === newest ? size - Number(treeSize) : 0,
    ),
  );
}

/** @param {number} later leaves that no witness has signed for */
function checkpointElement(treeSize, cosignatures, later) {
  return element(
    "article",
    {},
    element("h2", {}, `As primeiras ${treeSize} folhas do registro`),
    element("ul", {}, ...cosignatures.map(lineElement)),
    later > 0 &&
      element("p", { class: "quiet" }, `Folhas que vieram depois, sem testemunha: ${later}.`),
    element(
      "div",
      { class: "row" },
      downloadButton("Baixar o checkpoint assinado", `/log/checkpoints/${treeSize}`),
    ),
  );
}

/** What the list of keys says of a signature: that a row is in the database vouches for nothing. */
function lineElement({ witness, keyId, cosignedAt, isTrue }) {
  if (isTrue) {
    return element("li", {}, `${witness} assinou em ${timeText(cosignedAt)} (chave ${keyId})`);
  }
  if (isTrue === false) {
    return element(
      "li",
      { class: "alarm" },
      `Assinatura falsa em nome de ${witness} (chave ${keyId}): alguém a alterou ou inventou no banco de dados`,
    );
  }
  return element(
    "li",
    { class: "quiet" },
    `Assinatura em nome de ${witness}, que não se pode conferir: a lista de chaves não tem a chave ${keyId}, ou não para este tamanho`,
  );
}
