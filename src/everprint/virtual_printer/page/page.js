"use strict";
// Shows what GET /state says, and asks again as soon as something has changed. Text is set as text, never as HTML.

const byId = (id) => document.getElementById(id);
const words = {
  idle: "Ready", processing: "Printing", stopped: "Stopped", off: "Switched off",
  "media-jam-error": "Paper jam", "media-empty-error": "Out of paper", "door-open-error": "Door open",
  "toner-low-warning": "Toner low", "toner-empty-error": "No toner",
};
const jobWords = {
  pending: "waiting", "pending-held": "held", processing: "printing", "processing-stopped": "stopped",
  canceled: "cancelled", aborted: "aborted", completed: "completed",
};
const quietReasons = new Set(["none", "media-needed-error"]);
let identified = null;

function setText(id, text) {
  const element = byId(id);
  if (element.textContent !== String(text)) element.textContent = text;
}

function troublesOf(state) {
  const now = state.state_reasons.filter((reason) => !quietReasons.has(reason)).map((reason) => words[reason] ?? reason);
  if (state.accepting === "busy") now.push("Too busy for new jobs");
  if (state.accepting === "not-accepting") now.push("Takes no jobs");
  if (state.answer_delay_s) now.push(`Answers ${state.answer_delay_s} s late`);
  if (state.garbage) now.push("Talks nonsense");
  const soon = [];
  if (state.jam_after !== null) soon.push(`Jams after ${count(state.jam_after, "sheet")}`);
  if (state.paper_left !== null) soon.push(`${count(state.paper_left, "sheet")} of paper left`);
  if (state.abort_after !== null) soon.push(`Aborts a job after ${count(state.abort_after, "sheet")}`);
  return { now, soon };
}

const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

function showPrinter(state) {
  document.body.dataset.state = state.state;
  document.title = `${state.name}: ${words[state.state]}`;
  setText("name", state.name);
  setText("model", state.make_and_model);
  setText("state", words[state.state]);
  setText("message", state.state_message);
  setText("sheets", state.sheets_completed);
  setText("impressions", state.impressions_completed);
  setText("job-count", state.jobs_remembered);
  setText("queued", state.queued);
  setText("speed", state.pages_per_minute ? `${state.pages_per_minute} ppm` : "full");
  setText("toner", `${state.toner} %`);
  setText("paper", state.papers.join(", "));
  setText("uri", `ipp${location.protocol === "https:" ? "s" : ""}://${location.host}/ipp/print`);
  const { now, soon } = troublesOf(state);
  byId("troubles").replaceChildren(...now.map((text) => chip(text, false)), ...soon.map((text) => chip(text, true)));
  byId("nothing").hidden = state.jobs.length > 0;
  if (identified !== null && state.identified !== identified) flash();
  identified = state.identified;
}

function chip(text, soon) {
  const item = document.createElement("li");
  item.textContent = text;
  item.classList.toggle("soon", soon);
  return item;
}

function flash() {
  const header = document.querySelector("header");
  header.classList.remove("flash");
  void header.offsetWidth; // begins the animation anew
  header.classList.add("flash");
}

function factsOf(job) {
  const facts = [job.user_name, `job ${job.job_id}`];
  if (job.pages !== null) facts.push(count(job.pages, "page"));
  facts.push(job.copies === 1 ? "1 copy" : `${job.copies} copies`);
  if (job.sides !== "one-sided") facts.push("two-sided");
  if (job.number_up > 1) facts.push(`${job.number_up} pages a side`);
  if (job.print_color_mode === "monochrome") facts.push("grey");
  const colour = job.colour_impressions_completed ? `, ${job.colour_impressions_completed} in colour` : "";
  facts.push(`${count(job.sheets_completed, "sheet")} out (${count(job.impressions_completed, "side")}${colour})`);
  facts.push(new Date(job.created_at).toLocaleTimeString());
  return facts.join(" · ");
}

function showJob(item, job) {
  const find = (selector) => item.querySelector(selector);
  find(".job-name").textContent = job.job_name;
  const badge = find(".badge");
  badge.textContent = jobWords[job.state];
  badge.className = `badge ${job.state}`;
  find(".job-facts").textContent = factsOf(job);
  find(".job-message").textContent = job.message;
  const progress = find("progress");
  progress.hidden = !job.state.startsWith("processing");
  if (job.sheets) {
    progress.max = job.sheets;
    progress.value = job.sheets_completed;
  }
  showSides(find(".sides"), job);
}

function showSides(list, job) {
  for (const address of job.pictures.slice(list.querySelectorAll("img").length)) {
    const [, sheet, side] = address.match(/sheet-(\d+)-(\w+)\.png$/);
    const item = document.createElement("li");
    const image = document.createElement("img");
    image.src = address;
    image.alt = `Sheet ${Number(sheet)}, ${side}`;
    image.loading = "lazy";
    item.append(image, `${Number(sheet)} ${side}`);
    list.append(item);
  }
  list.querySelector(".more")?.remove();
  if (job.more_pictures) {
    const more = chip(`and ${job.more_pictures} more in the folder`, false);
    more.className = "more";
    list.append(more);
  }
}

function showJobs(jobs) {
  const list = byId("jobs");
  const known = new Map([...list.children].map((item) => [item.dataset.key, item]));
  const items = jobs.map((job) => {
    const item = known.get(job.key) ?? byId("job").content.firstElementChild.cloneNode(true);
    item.dataset.key = job.key;
    showJob(item, job);
    return item;
  });
  if (items.length !== list.children.length || items.some((item, at) => item !== list.children[at])) {
    list.replaceChildren(...items);
  }
}

function show(state) {
  showPrinter(state);
  showJobs(state.jobs);
  byId("away").hidden = true;
}

async function follow() {
  let revision = "";
  for (;;) {
    try {
      const answer = await fetch(`/state?after=${revision}`);
      if (!answer.ok) throw new Error(answer.statusText);
      const state = await answer.json();
      revision = state.revision;
      show(state);
    } catch {
      byId("away").hidden = false;
      revision = "";
      await new Promise((resolve) => setTimeout(resolve, 1500));
    }
  }
}

async function command(button) {
  const message = { do: button.dataset.do };
  if (button.dataset.number) message.number = byId(button.dataset.number).valueAsNumber;
  try {
    const answer = await fetch("/control", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(message),
    });
    const said = await answer.json();
    setText("answer", answer.ok ? "" : said.problem);
    if (answer.ok) show(said);
  } catch {
    setText("answer", "The printer does not answer.");
  }
}

for (const button of document.querySelectorAll("button[data-do]")) {
  button.addEventListener("click", () => command(button));
}
follow();
