import { SIGNED_OUT, session } from "./api.js";
import { closingsList } from "./closings.js";
import { divergencesList } from "./divergences.js";
import { element } from "./element.js";
import { recordsPage } from "./records.js";
import { witnessesList } from "./witnesses.js";
import { ACTIONS, ENTITIES } from "./words.js";

const at = (id) => document.getElementById(id);
const [signIn, filters, status, results, more] = [
  "sign-in",
  "filters",
  "status",
  "results",
  "more",
].map(at);
const navigation = document.querySelector("nav");

/** Each look makes those before it stale. */
let look = 0;
let next;

function say(text, isAlarm = false) {
  status.textContent = text;
  status.classList.toggle("alarm", isAlarm);
}

function section() {
  return Object.hasOwn(EMPTY, location.hash) ? location.hash : "#registros";
}

const EMPTY = {
  "#registros": "Nenhum registro com estes filtros.",
  "#fechamentos": "Nenhum mês foi fechado.",
  "#testemunhas": "Nenhuma testemunha assinou ainda um checkpoint deste registro.",
  "#divergencias":
    "A comparação não achou divergência no que este acesso vê, nem no selo, nem nas definições do banco de dados. O que é de outros não se mostra aqui.",
};

async function load(after) {
  if (section() === "#fechamentos") return { elements: await closingsList() };
  if (section() === "#testemunhas") return { elements: await witnessesList() };
  if (section() === "#divergencias") return { elements: await divergencesList() };
  return recordsPage(Object.fromEntries(new FormData(filters)), after);
}

/** Shows the section anew, or what comes after what is shown. */
async function show(after) {
  look += 1;
  const mine = look;
  const isSignedIn = session.token() !== null;
  signIn.hidden = isSignedIn;
  navigation.hidden = !isSignedIn;
  filters.hidden = !isSignedIn || section() !== "#registros";
  for (const link of navigation.querySelectorAll("a")) {
    if (link.hash === section()) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (after === undefined) results.replaceChildren();
  more.hidden = true;
  if (!isSignedIn) {
    at("token").focus();
    return;
  }
  say("Procurando…");
  try {
    const page = await load(after);
    if (mine !== look) return;
    const first = page.elements[0];
    results.append(...page.elements);
    next = page.next;
    more.hidden = next === undefined;
    const shown = results.childElementCount;
    say(shown === 0 ? EMPTY[section()] : `${shown} na página${next ? ", e há mais" : ""}.`);
    // Whoever reads on with the keyboard goes on where the new ones begin.
    if (after !== undefined && first) {
      first.tabIndex = -1;
      first.focus();
    }
  } catch (error) {
    if (mine !== look) return;
    say(error.message, true);
  }
}

function options(select, any, words) {
  const entries = Object.entries(words).toSorted(([, one], [, other]) =>
    one.localeCompare(other, "pt-BR"),
  );
  select.append(
    element("option", { value: "" }, any),
    ...entries.map(([value, text]) => element("option", { value }, text)),
  );
}

options(at("entity"), "tudo", ENTITIES);
options(at("action"), "qualquer coisa", ACTIONS);
signIn.addEventListener("submit", (event) => {
  event.preventDefault();
  session.enter(at("token").value.trim());
  at("token").value = "";
  show();
});
for (const day of [at("since"), at("until")]) {
  day.addEventListener("input", () => {
    const isTurned = at("until").value !== "" && at("since").value > at("until").value;
    at("until").setCustomValidity(isTurned ? "O último dia não pode vir antes do primeiro." : "");
  });
}
filters.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
filters.addEventListener("reset", () => {
  at("until").setCustomValidity("");
  setTimeout(() => show());
});
more.addEventListener("click", () => show(next));
at("leave").addEventListener("click", () => {
  session.leave();
  say("");
  show();
});
addEventListener(SIGNED_OUT, ({ detail }) => {
  show();
  say(detail, true);
});
addEventListener("hashchange", () => show());
show();
