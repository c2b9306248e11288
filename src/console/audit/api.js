const TOKEN = "blindagem-token";

export const session = {
  token: () => sessionStorage.getItem(TOKEN),
  enter: (token) => sessionStorage.setItem(TOKEN, token),
  leave: () => sessionStorage.removeItem(TOKEN),
};

/** Is dispatched on the window when the token is not (or no longer) right, whatever was asked for; `detail` says so. */
export const SIGNED_OUT = "signed-out";

/** What a header can carry of what was pasted: quotation marks and "…" around a token are none of it. */
const HEADER = /^[\x21-\x7e]+$/;

async function ask(address, init = {}) {
  if (!HEADER.test(session.token())) return signOut();
  const headers = { ...init.headers, authorization: `Bearer ${session.token()}` };
  const answer = await fetch(address, { ...init, headers }).catch(noAnswer);
  return answer.status === 401 ? signOut() : answer;
}

function noAnswer() {
  throw new Error("O servidor não responde. Tente de novo.");
}

/** What the API says; a proxy before one that is away answers something else. */
const jsonOf = (answer) => answer.json().catch(noAnswer);

function signOut() {
  const message = "O token não vale ou expirou: entre de novo.";
  session.leave();
  dispatchEvent(new CustomEvent(SIGNED_OUT, { detail: message }));
  throw new Error(message);
}

/** @returns {Promise<Record<string, any>>} the data @throws Error with what the API says, in Portuguese */
export async function graphql(query) {
  const answer = await ask("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  const { data, errors, error } = await jsonOf(answer);
  const fault = errors?.[0] ?? error;
  if (fault) throw new Error(fault.message);
  return data;
}

/** Saves what the API has at that address as a file, under the name that it gives. */
export async function download(address) {
  const answer = await ask(address);
  if (!answer.ok) throw new Error((await jsonOf(answer)).error.message);
  const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1];
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name ?? "arquivo";
  link.click();
  URL.revokeObjectURL(link.href);
}
