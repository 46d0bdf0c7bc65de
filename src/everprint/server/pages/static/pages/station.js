// A release station: signs out when nobody touches the screen, and takes what a card reader types wherever the focus is.
//
// A reader types like a keyboard, but much faster, and ends with Enter. What comes so fast is a card: on the page of
// somebody's jobs it must never press the button that has the focus.
"use strict";

(() => {
  const place = document.querySelector("[data-station]");
  if (!place) {
    return;
  }
  const IDLE_MS = Number(place.dataset.idleS) * 1000;
  const READER_MS = 200; // between two characters at the most
  const SHORTEST_CARD = 4;
  const out = document.getElementById("station-out");
  const cardForm = document.getElementById("station-card");
  const cardField = cardForm?.querySelector("[name=card]");
  let timer = 0;
  let touched = false;

  const leave = () => {
    if (out) {
      out.submit();
    } else if ([...document.querySelectorAll("input:not([name=csrfmiddlewaretoken])")].some((field) => field.value)) {
      location.replace(place.dataset.station);
    } else {
      wait();
    }
  };

  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(leave, IDLE_MS);
  };

  const touch = () => {
    touched = true;
    wait();
  };

  ["pointerdown", "keydown", "wheel", "touchmove"].forEach((name) => {
    document.addEventListener(name, touch, { capture: true, passive: true });
  });

  // The server has a clock of its own: it is told of a touch with the next question for the live part.
  document.addEventListener("htmx:configRequest", (event) => {
    if (touched) {
      event.detail.headers["X-Station-Touched"] = "true";
      touched = false;
    }
  });

  const isField = (node) => ["INPUT", "TEXTAREA", "SELECT"].includes(node?.nodeName);

  let typed = "";
  let last = 0;
  document.addEventListener(
    "keydown",
    (event) => {
      if (!cardField || isField(event.target) || event.ctrlKey || event.altKey || event.metaKey) {
        typed = "";
        return;
      }
      const now = performance.now();
      if (now - last > READER_MS) {
        typed = "";
      }
      last = now;
      if (event.key.length === 1) {
        typed += event.key;
        if (typed.length > 1) {
          event.preventDefault();
        }
      } else if (event.key === "Enter" && typed.length >= SHORTEST_CARD) {
        event.preventDefault();
        cardField.value = typed;
        typed = "";
        cardForm.submit();
      }
    },
    { capture: true },
  );

  // On the page to sign in, the card's field waits for the reader unless somebody writes elsewhere.
  if (cardField && cardField.type !== "hidden") {
    cardField.focus();
  }
  wait();
})();
