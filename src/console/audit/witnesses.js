import { graphql } from "./api.js";
import { element } from "./element.js";
import { downloadButton } from "./records.js";
import { WITNESSES } from "./vouching.js";
import { timeText } from "./words.js";

/** What the database has in witnesses' names under the newest checkpoints: as much as people read. */
const COSIGNATURES =
  "auditCosignatures(orderBy: TREE_SIZE_DESC, first: 100) { nodes { treeSize witness keyId cosignedAt isTrue } }";

/** Checkpoints that witnesses cosigned, the newest first: each witness's newest, however many false ones are newer. */
export async function witnessesList() {
  const { auditWitnesses, auditCosignatures, auditCheckpoints } = await graphql(
    `{ ${WITNESSES} ${COSIGNATURES} auditCheckpoints(orderBy: TREE_SIZE_DESC, first: 1) { nodes { treeSize } } }`,
  );
  const shown = auditCosignatures.nodes;
  const isShown = (one) =>
    shown.some((each) => each.isTrue && each.treeSize === one.treeSize && each.keyId === one.keyId);
  const cosignatures = [
    ...shown,
    ...auditWitnesses.filter((one) => !isShown(one)).map((one) => ({ ...one, isTrue: true })),
  ];
  const sizes = [...new Set(cosignatures.map(({ treeSize }) => treeSize))].sort((a, b) => b - a);
  const size = Number(auditCheckpoints.nodes[0]?.treeSize ?? 0);
  const newest = auditWitnesses[0]?.treeSize;
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
