// Keeps the live parts of a page true without reloading it.
//
// A live part asks for itself (hx-get) at each `live-tick`. The server answers 304 when nothing changed. What comes
// is not put in place of the old nodes but compared with them, so that focus, selection, scroll and open details
// stay where the reader left them. A hidden tab asks nothing and catches up when it is looked at again; a part that
// takes its server long is asked for less often.
"use strict";

(() => {
  const EVERY_MS = 2000;
  const REST_FOR = 4; // times as long as the answer took
  const state = document.getElementById("live-state");
  const words = document.body.dataset; // in the language of the page
  let failures = 0;
  const asked = new WeakMap(); // part to when it was asked for; none while its answer is here
  const rests = new WeakMap(); // part to when it may be asked for again

  const say = (name, text) => {
    if (state && state.dataset.state !== name) {
      state.dataset.state = name;
      state.textContent = text;
    }
  };

  const liveParts = () => document.querySelectorAll("[data-live]");

  const tick = () => {
    if (document.hidden) {
      return;
    }
    const now = performance.now();
    liveParts().forEach((part) => {
      if (!asked.has(part) && now >= (rests.get(part) ?? 0)) {
        asked.set(part, now);
        htmx.trigger(part, "live-tick");
      }
    });
  };

  const begin = () => {
    if (liveParts().length > 0) {
      say("live", words.sayLive);
      setInterval(tick, EVERY_MS);
      document.addEventListener("visibilitychange", tick);
    } else if (state) {
      state.hidden = true;
    }
  };

  // Tell the server what is on the page, so that it can answer "nothing changed"; keep what a filter does not say
  // out of its address.
  document.addEventListener("htmx:configRequest", (event) => {
    for (const [name, value] of [...event.detail.formData]) {
      if (value === "") {
        event.detail.formData.delete(name);
      }
    }
    const seen = event.detail.elt.dataset.etag;
    if (seen && event.detail.triggeringEvent?.type === "live-tick") {
      event.detail.headers["If-None-Match"] = seen;
    }
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = event.detail;
    if (!elt.hasAttribute("data-live")) {
      return;
    }
    const now = performance.now();
    rests.set(elt, now + REST_FOR * (now - (asked.get(elt) ?? now)));
    asked.delete(elt);
    if (xhr.status >= 200 && xhr.status < 400) {
      failures = 0;
      say("live", words.sayLive);
      const tag = xhr.getResponseHeader("ETag");
      if (tag) {
        elt.dataset.etag = tag;
      }
    } else if (xhr.status === 401) {
      location.reload(); // the session has ended: the sign-in page leads back here
    } else {
      failures += 1;
      if (failures > 1) {
        say("lost", words.sayLost);
      }
    }
  });

  // Make `old` like `next`, keeping the nodes that are the same thing: elements match by id, else by place and tag.
  const sameThing = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id || "") === (b.id || "");

  const copyAttributes = (old, next) => {
    for (const { name } of [...old.attributes]) {
      // What the reader or this script did to the node is not the server's to undo.
      if (!next.hasAttribute(name) && !(name === "open" && old.nodeName === "DETAILS")) {
        old.removeAttribute(name);
      }
    }
    for (const { name, value } of [...next.attributes]) {
      if (old.getAttribute(name) !== value) {
        old.setAttribute(name, value);
      }
    }
  };

  const flash = (node, name) => {
    node.classList.remove(name);
    void node.getBoundingClientRect();
    node.classList.add(name);
    node.addEventListener("animationend", () => node.classList.remove(name), { once: true });
  };

  const morph = (old, next) => {
    if (old.nodeType === Node.TEXT_NODE || old.nodeType === Node.COMMENT_NODE) {
      if (old.nodeValue !== next.nodeValue) {
        old.nodeValue = next.nodeValue;
        const cell = old.parentElement?.closest("[data-flash]");
        if (cell) {
          flash(cell, "is-changed");
        }
      }
      return;
    }
    copyAttributes(old, next);
    morphChildren(old, next);
  };

  const morphChildren = (old, next) => {
    const byId = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
    let here = old.firstChild;
    for (const wanted of [...next.childNodes]) {
      const known = wanted.id ? byId.get(wanted.id) : undefined;
      if (known && known !== here && known.parentNode === old) {
        old.insertBefore(known, here);
        here = known;
      }
      if (here && sameThing(here, wanted)) {
        const done = here;
        here = here.nextSibling;
        morph(done, wanted);
      } else {
        const fresh = document.importNode(wanted, true);
        old.insertBefore(fresh, here);
        if (fresh.nodeName === "TR" && fresh.id) {
          flash(fresh, "is-new");
        }
      }
    }
    while (here) {
      const gone = here;
      here = here.nextSibling;
      gone.remove();
    }
  };

  htmx.defineExtension("morph", {
    isInlineSwap: (style) => style === "morph",
    handleSwap: (style, target, fragment) => {
      if (style !== "morph") {
        return false;
      }
      morphChildren(target, fragment);
      return [target];
    },
  });

  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", begin);
  } else {
    begin();
  }
})();
