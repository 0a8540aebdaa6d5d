// look.mjs BUNDLE BASE PATH WORD...: show a page of the UI in a browser without a screen, until all words stand in it.
// Prints what it asked (but for services of others) the server for that was not answered with 200, and the words that never came.
import { JSDOM, VirtualConsole } from "jsdom";
import fs from "fs";

const [bundle, base, path, ...words] = process.argv.slice(2);
const page = new JSDOM('<!doctype html><body><div id="root"></div></body>', {
  url: base + path, runScripts: "outside-only", pretendToBeVisual: true, virtualConsole: new VirtualConsole(),
});
const w = page.window;
const refused = [];
class Watcher { observe() {} unobserve() {} disconnect() {} }
Object.assign(w, {
  Request, Response, Headers, TextEncoder, TextDecoder, structuredClone, ResizeObserver: Watcher, IntersectionObserver: Watcher,
  process: { env: {} }, scrollTo() {},
  matchMedia: () => ({ matches: false, addListener() {}, removeListener() {}, addEventListener() {}, removeEventListener() {} }),
  fetch: async (what, how) => {
    const url = new URL(what, base);
    const answer = await fetch(url, how && { method: how.method });
    if (answer.status !== 200) refused.push(answer.status + " " + url.pathname);
    return answer;
  },
});
w.eval(fs.readFileSync(bundle, "utf8"));
const text = () => w.document.body.textContent;
const lacking = () => words.filter((word) => !text().includes(word));
for (const until = Date.now() + 20000; lacking().length && Date.now() < until;) await new Promise((r) => setTimeout(r, 50));
const faults = refused.filter((r) => !/mlflow|openlineage/.test(r)).concat(lacking().map((word) => "lacks " + word));
console.log(faults.length ? faults.join(", ") + ": " + text().slice(0, 500) : "all there");
process.exit(faults.length ? 1 : 0);
