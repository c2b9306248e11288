import { randomBytes } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { ruruHTML } from "postgraphile/grafserv/ruru/server";
import { getStaticFile } from "postgraphile/grafserv/ruru/static";
import { ApiError } from "../errors.ts";

const STATIC_PATH = "/graphiql/static/";
const ENDPOINT = "/graphql";

/**
 * `GET /graphiql`: the GraphQL workbench, served from its npm package and from nowhere else. The page itself shows
 * nothing of the data: it asks for a token, keeps it for the tab (sessionStorage), and sends it as a header. Only auditors
 * and operators get the schema, since only they may introspect.
 */
export async function graphiqlRoutes(app: FastifyInstance): Promise<void> {
  app.get("/graphiql", async (_request, reply) => {
    const nonce = randomBytes(16).toString("base64");
    return reply
      .headers({
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy(nonce),
      })
      .send(page(nonce));
  });
  app.get(`${STATIC_PATH}*`, async (request, reply) => {
    const file = await getStaticFile({
      staticPath: STATIC_PATH,
      urlPath: request.url.split("?")[0] ?? "",
      acceptEncoding: request.headers["accept-encoding"],
      disallowDevAssets: true,
    });
    if (!file) throw new ApiError("BLD03");
    return reply
      .headers({ ...file.headers, "cache-control": "public, max-age=86400" })
      .send(file.content);
  });
}

/** Scripts only from here and the page's own; the editor writes styles as it goes. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self' data:",
    "img-src 'self' data:",
    "worker-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function page(nonce: string): string {
  const html = ruruHTML({
    staticPath: STATIC_PATH,
    endpoint: ENDPOINT,
    htmlParts: {
      titleTag: "<title>Blindagem: GraphQL</title>",
      bodyContent: (original) => `${TOKEN_FORM}${original}`,
      bodyInitScript: INIT_SCRIPT,
    },
  });
  return html.replaceAll("<script", `<script nonce="${nonce}"`);
}

const FIRST_QUERY = `# Quem, quando, o quê: o registro de auditoria.
{
  auditLog(first: 20, orderBy: ID_DESC) {
    nodes { recordedAt entityType entityId action actorId previousState newState metadata }
  }
}
`;

const TOKEN_FORM = `
<dialog id="token-dialog" lang="pt-BR">
  <form method="dialog">
    <p><label for="token">Token de acesso (auditor ou operador):</label></p>
    <p><input id="token" type="password" size="60" autocomplete="off" required></p>
    <p><button>Entrar</button></p>
  </form>
</dialog>`;

const INIT_SCRIPT = `
<script type="module">
  import { React, createRoot, Ruru } from "${STATIC_PATH}ruru.js";
  const dialog = document.getElementById("token-dialog");
  const input = document.getElementById("token");
  const send = globalThis.fetch.bind(globalThis);
  globalThis.fetch = async (target, init = {}) => {
    const url = new URL(target instanceof Request ? target.url : target, location.href);
    if (url.pathname !== "${ENDPOINT}" || url.origin !== location.origin) return send(target, init);
    const headers = new Headers(init.headers);
    const token = sessionStorage.getItem("blindagem-token");
    if (token && !headers.has("authorization")) headers.set("authorization", "Bearer " + token);
    const answer = await send(target, { ...init, headers });
    if (answer.status === 401) { sessionStorage.removeItem("blindagem-token"); dialog.showModal(); }
    return answer;
  };
  const start = () => createRoot(document.getElementById("ruru-root"))
    .render(React.createElement(Ruru, { ...RURU_CONFIG, defaultQuery: ${JSON.stringify(FIRST_QUERY)} }));
  let started = false;
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", () => {
    sessionStorage.setItem("blindagem-token", input.value.trim());
    input.value = "";
    if (started) return;
    started = true;
    start();
  });
  if (sessionStorage.getItem("blindagem-token")) { started = true; start(); } else dialog.showModal();
</script>`;
