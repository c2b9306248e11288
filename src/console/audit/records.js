import { download, graphql } from "./api.js";
import { element } from "./element.js";
import { fieldText } from "./fields.js";
import { valueText } from "./value-text.js";
import { WITNESSES, witnessesOf } from "./vouching.js";
import {
  ACTIONS,
  actorIdOf,
  actorText,
  ENTITIES,
  entityText,
  timeText,
  UNATTESTED,
} from "./words.js";

const PAGE = 25;
const NODE = `id recordedAt organizationId condominiumId entityType entityId action actorId actorRole onBehalfOf previousState newState metadata leafIndex
  inclusionProof { treeSize checkpoint { signedAt } }`;

/** A page of records by those filters. @returns the elements and where the next page begins, if there is one */
export async function recordsPage(filters, after) {
  const query = `{ auditLog(first: ${PAGE}, orderBy: ID_DESC${after ? `, after: ${JSON.stringify(after)}` : ""}${filterText(filters)}) {
    nodes { ${NODE} } pageInfo { hasNextPage endCursor } } ${WITNESSES} }`;
  const { auditLog, auditWitnesses } = await graphql(query);
  const { nodes, pageInfo } = auditLog;
  return {
    elements: nodes.map((record) => recordElement(record, auditWitnesses)),
    next: pageInfo.hasNextPage ? pageInfo.endCursor : undefined,
  };
}

/** As an argument of auditLog. Days are those of Brasília, the last one included. */
function filterText({ entity, entityId, action, actor, since, until }) {
  const text = JSON.stringify;
  const period = [
    since && `greaterThanOrEqualTo: ${text(`${since}T00:00:00-03:00`)}`,
    until && `lessThan: ${text(`${dayAfter(until)}T00:00:00-03:00`)}`,
  ].filter(Boolean);
  const parts = [
    entity && `entityType: { equalTo: ${text(entity)} }`,
    entityId && `entityId: { equalTo: ${text(entityId)} }`,
    action && `action: { equalTo: ${text(action)} }`,
    actor && `actorId: { equalTo: ${text(actorIdOf(actor))} }`,
    period.length > 0 && `recordedAt: { ${period.join(", ")} }`,
  ].filter(Boolean);
  return parts.length > 0 ? `, filter: { ${parts.join(", ")} }` : "";
}

function dayAfter(day) {
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}

function recordElement(record, witnesses) {
  const { id, recordedAt, action, actorId, actorRole, metadata } = record;
  const isAlarm = action === "OUT_OF_BAND";
  const isOfNobody = record.organizationId === null && record.condominiumId === null;
  return element(
    "article",
    { class: isAlarm ? "alarm" : undefined },
    element("h2", {}, `${ACTIONS[action] ?? action}: ${subjectText(record)}`),
    isAlarm && element("p", {}, element("span", { class: "badge alarm" }, outOfBandText(metadata))),
    isOfNobody && element("p", { class: "quiet" }, "Vale para todas as administradoras."),
    element(
      "p",
      {},
      element("time", { datetime: recordedAt }, timeText(recordedAt)),
      `, por ${actorText(actorId, actorRole)}`,
      record.onBehalfOf ? `, em nome de ${actorText(record.onBehalfOf)}` : "",
    ),
    metadata?.reason && element("p", {}, "Motivo: ", stateElement("reason", metadata.reason)),
    changesElement(record),
    proofElement(record),
    witnessesElement(record, witnesses),
    originElement(id, metadata ?? {}),
  );
}

/** Of a table that was emptied the record names no row. */
function subjectText({ entityType, entityId, metadata }) {
  if (metadata?.operation === "TRUNCATE")
    return `${ENTITIES[entityType] ?? entityType}, a tabela inteira`;
  return entityText(entityType, entityId);
}

function outOfBandText({ unattested, claimedAction, operation } = {}) {
  if (operation === "TRUNCATE") {
    return "Fora da plataforma: alguém esvaziou a tabela direto no banco de dados";
  }
  if (!unattested) return "Fora da plataforma: alguém mudou isto direto no banco de dados";
  return `${UNATTESTED[unattested]}; dizia ser “${ACTIONS[claimedAction] ?? claimedAction}”`;
}

/** More fields of a new row than that are shown when somebody asks for them. */
const SHOWN_FIELDS = 6;

/** Of a row that was inserted or deleted there is one side alone. */
function changesElement({ previousState, newState }) {
  const names = [...new Set([...Object.keys(newState ?? {}), ...Object.keys(previousState ?? {})])];
  if (names.length === 0) return undefined;
  const sides = [
    { label: newState ? "Antes" : "Excluído", state: previousState },
    { label: previousState ? "Depois" : "Incluído", state: newState },
  ].filter(({ state }) => state);
  const head = (text) => element("th", { scope: "col" }, text);
  const table = element(
    "table",
    {},
    element(
      "thead",
      {},
      element("tr", {}, head("Campo"), ...sides.map(({ label }) => head(label))),
    ),
    element(
      "tbody",
      {},
      ...names.map((name) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, fieldText(name)),
          ...sides.map(({ label, state }) =>
            element("td", { "data-label": label }, stateElement(name, state[name])),
          ),
        ),
      ),
    ),
  );
  if (sides.length === 2 || names.length <= SHOWN_FIELDS) return table;
  return element("details", {}, element("summary", {}, `Ver os ${names.length} campos`), table);
}

/** An erased value says when, and by which record; one that is not for this reader stands as its commitment. */
function stateElement(name, value) {
  if (value?.commitment) return element("span", { class: "quiet" }, "não se mostra");
  const erased = value?.erased;
  if (!erased) return element("span", {}, valueText(name, value));
  return element(
    "span",
    { class: "erased" },
    `apagado em ${timeText(erased.at)} (LGPD, registro ${erased.by})`,
  );
}

function proofElement({ id, leafIndex, inclusionProof }) {
  if (!inclusionProof) {
    return element(
      "p",
      { class: "quiet" },
      "Espera pelo selo, o que leva segundos: procure de novo.",
    );
  }
  const { treeSize, checkpoint } = inclusionProof;
  return element(
    "div",
    { class: "row" },
    element(
      "span",
      { class: "quiet" },
      `Selado: folha ${leafIndex} de ${treeSize}, checkpoint assinado em ${timeText(checkpoint.signedAt)}.`,
    ),
    downloadButton("Baixar a prova", `/audit/records/${id}/proof`),
    downloadButton("Baixar o registro", `/audit/records/${id}/entry`),
  );
}

function witnessesElement({ leafIndex }, witnesses) {
  const seen = leafIndex === null ? [] : witnessesOf(leafIndex, witnesses);
  if (seen.length === 0) return undefined;
  const told = seen.map(
    ({ witness, cosignedAt }) => `${witness} (assinou em ${timeText(cosignedAt)})`,
  );
  return element("p", { class: "quiet" }, `Testemunhado por ${told.join(", ")}.`);
}

/** A button that saves a file, and says beside itself when it cannot. */
export function downloadButton(label, address) {
  const button = element("button", { type: "button", class: "plain" }, label);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await download(address);
      button.textContent = label;
    } catch (error) {
      button.textContent = `${label} (${error.message})`;
    } finally {
      button.disabled = false;
    }
  });
  return button;
}

const ORIGINS = {
  ip: "Endereço",
  userAgent: "Programa",
  requestId: "Pedido",
  jobId: "Tarefa",
  sessionLogin: "Login do banco de dados",
  applicationName: "Aplicação",
  clientAddress: "Endereço no banco de dados",
  transactionId: "Transação",
};

function originElement(id, metadata) {
  const known = Object.entries(ORIGINS).filter(([name]) => metadata[name]);
  return element(
    "details",
    {},
    element("summary", {}, `Registro ${id}: de onde veio`),
    element(
      "dl",
      {},
      ...known.flatMap(([name, label]) => [
        element("dt", {}, label),
        element("dd", {}, stateElement(name, metadata[name])),
      ]),
    ),
  );
}
