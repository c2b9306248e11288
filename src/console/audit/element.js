/**
 * An element with attributes and children. Text goes in as text: whatever a record says, the browser runs none of it.
 *
 * @param {string} name
 * @param {Record<string, unknown>} attributes set as attributes; functions are listeners, false and undefined are left out
 * @param {...(Node | string | false | undefined)} children
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== undefined && value !== false) made.setAttribute(key, String(value));
  }
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}
