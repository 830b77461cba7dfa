#include "server/common/openapi/openapi.hpp"

namespace cxb::server {
namespace {

constexpr std::string_view page = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>API reference</title>
<style>
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--mark:#0b6}
body{margin:0;font:15px/1.5 system-ui,sans-serif}
header{position:sticky;top:0;padding:.7rem 1rem;background:Canvas;
border-bottom:1px solid var(--line)}
header input{width:min(30rem,60vw);padding:.4rem .6rem;font:inherit}
main{max-width:70rem;margin:0 auto;padding:1rem}
h1{font-size:1.2rem;margin:0 0 .4rem}h2{font-size:1rem;margin:1.6rem 0 .4rem}
details{border:1px solid var(--line);border-radius:6px;margin:.3rem 0}
summary{cursor:pointer;padding:.4rem .7rem;display:flex;gap:.7rem;align-items:baseline}
summary code{font-weight:600}summary span:last-child{margin-left:auto;opacity:.7}
.verb{min-width:4.2rem;font:600 .8rem ui-monospace,monospace;color:var(--mark)}
section{padding:0 .9rem .8rem}table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.2rem .6rem .2rem 0;border-bottom:1px solid var(--line);
vertical-align:top}
pre{background:var(--soft);padding:.6rem;border-radius:6px;overflow:auto;font-size:.85rem}
</style>
</head>
<body>
<header><h1 id="title">API reference</h1>
<input id="find" type="search" placeholder="Filter by path, method or word" aria-label="Filter">
</header>
<main id="list"><p>Loading openapi.json&hellip;</p></main>
<script>
"use strict";
const el = (tag, text, cls) => {
  const e = document.createElement(tag);
  if (text !== undefined) e.textContent = text;
  if (cls) e.className = cls;
  return e;
};
const table = (head, rows) => {
  const t = el("table"), h = t.insertRow();
  head.forEach(x => h.append(el("th", x)));
  rows.forEach(r => { const line = t.insertRow(); r.forEach(x => line.append(el("td", x))); });
  return t;
};
const expand = (doc, node, seen = []) => {
  if (Array.isArray(node)) return node.map(x => expand(doc, x, seen));
  if (node === null || typeof node !== "object") return node;
  if (typeof node.$ref === "string") {
    if (seen.includes(node.$ref)) return {see: node.$ref};
    const unescape = s => s.replace(/~1/g, "/").replace(/~0/g, "~");
    const target = node.$ref.split("/").slice(1)
      .reduce((at, step) => at && at[unescape(step)], doc);
    return expand(doc, target, [...seen, node.$ref]);
  }
  return Object.fromEntries(Object.entries(node).filter(([k]) => k !== "$defs")
    .map(([k, v]) => [k, expand(doc, v, seen)]));
};
const shown = x => typeof x === "string" ? x : JSON.stringify(x, null, 2);
const bodies = (doc, title, content, into) => Object.entries(content || {}).forEach(([type, c]) => {
  into.append(el("h2", title + " " + type));
  if (c.example !== undefined) into.append(el("pre", shown(c.example)));
  if (!c.schema || !Object.keys(c.schema).length) return;
  const d = el("details"), s = el("summary", "Schema");
  d.append(s);
  d.addEventListener("toggle", () => {
    if (d.open && d.childNodes.length === 1)
      d.append(el("pre", shown(expand(doc, c.schema))));
  });
  into.append(d);
});
const fill = (doc, op, into) => {
  const scope = op["x-scope"] ? ", scope " + op["x-scope"] : "";
  (op.description || "").split("\n\n").forEach(x => into.append(el("p", x)));
  into.append(el("p", "Access: " + op["x-access"] + scope));
  if (op.parameters) into.append(table(["parameter", "in", "type", "meaning", "example"],
    op.parameters.map(p => [p.name + (p.required ? " *" : ""), p.in, p.schema.type,
                            p.description || "", p.example === undefined ? "" : p.example])));
  if (op.requestBody) bodies(doc, "Body", op.requestBody.content, into);
  const refusals = [];
  Object.entries(op.responses).forEach(([status, r]) => {
    Object.entries(r["x-codes"] || {})
      .forEach(([code, when]) => refusals.push([status, code, when]));
    const content = Object.entries(r.content || {})
      .filter(([type]) => type !== "application/problem+json");
    if (r["x-codes"] && !content.length) return;
    into.append(el("h2", status + " " + r.description.split("\n")[0]));
    bodies(doc, "Answer", Object.fromEntries(content), into);
  });
  into.append(el("h2", "Refusals (application/problem+json)"));
  into.append(table(["status", "code", "when"], refusals));
};
fetch("openapi.json").then(r => r.json()).then(doc => {
  document.getElementById("title").textContent = doc.info.title + " " + doc.info.version;
  const list = document.getElementById("list"), groups = new Map();
  list.replaceChildren();
  Object.entries(doc.paths).forEach(([path, ops]) => Object.entries(ops).forEach(([verb, op]) => {
    const tag = op.tags[0];
    if (!groups.has(tag)) {
      const g = el("div");
      g.append(el("h2", tag));
      list.append(g);
      groups.set(tag, g);
    }
    const d = el("details"), s = el("summary"), body = el("section");
    s.append(el("span", verb.toUpperCase(), "verb"), el("code", path), el("span", op.summary));
    d.append(s, body);
    d.dataset.text = (verb + " " + path + " " + op.summary).toLowerCase();
    d.addEventListener("toggle", () => {
      if (d.open && !body.childNodes.length) fill(doc, op, body);
    });
    groups.get(tag).append(d);
  }));
  document.getElementById("find").addEventListener("input", e => {
    const words = e.target.value.toLowerCase().split(/\s+/);
    groups.forEach(g => {
      let shown = 0;
      g.querySelectorAll("details").forEach(d => {
        d.hidden = !words.every(w => d.dataset.text.includes(w));
        shown += d.hidden ? 0 : 1;
      });
      g.hidden = shown === 0;
    });
  });
}).catch(e => {
  document.getElementById("list").textContent = "openapi.json cannot be read: " + e;
});
</script>
</body>
</html>
)html";

}  // namespace

std::string_view docs_html() noexcept {
    return page;
}

}  // namespace cxb::server
