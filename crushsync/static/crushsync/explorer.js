// Tries a GET: the key stays in its box on this page and goes nowhere but to this server.
"use strict";

function addressOf(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  for (const input of form.querySelectorAll("input[name]")) {
    if (!input.value) continue;
    if (input.dataset.in === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
    if (input.dataset.in === "query") query.set(input.name, input.value);
  }
  return query.size ? `${path}?${query}` : path;
}

async function tryIt(event) {
  event.preventDefault();
  const form = event.target;
  const shown = form.querySelector("output");
  const key = document.getElementById("key").value.trim();
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  shown.textContent = "…";
  try {
    const answer = await fetch(addressOf(form), { headers });
    const text = await answer.text();
    shown.textContent = `${answer.status} ${answer.statusText}\n${JSON.stringify(JSON.parse(text), null, 2)}`;
  } catch (error) {
    shown.textContent = String(error);
  }
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
}

for (const form of document.forms) form.addEventListener("submit", tryIt);
addEventListener("hashchange", openTarget);
openTarget();
