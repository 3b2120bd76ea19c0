"use strict";
// What the page does by itself. Server events read window.qa.picked when the hidden button they hang on is pressed.
window.qa = {
  picked: "",
  returnTo: null,

  press(id, pick) {
    this.picked = JSON.stringify(pick);
    document.querySelector(id)?.click();
  },

  // What the server is told when the page opens: language, and the place that a shared link names.
  arrival() {
    const asked = new URLSearchParams(location.search);
    let language = null;
    try { language = localStorage.getItem("qa-language"); } catch (error) { /* storage is switched off */ }
    const place = asked.has("doc") ? { doc: asked.get("doc"), p: Number(asked.get("p")) || 1 } : null;
    return JSON.stringify({ language: language || navigator.language || "th", open: place });
  },

  languageChanged(language, remember) {
    document.documentElement.lang = language;
    if (!remember) return;
    try { localStorage.setItem("qa-language", language); } catch (error) { /* storage is switched off */ }
  },

  arrived(language) {
    this.languageChanged(language, false);
    if (new URLSearchParams(location.search).has("doc")) this.showSource();
  },

  // Scroll the conversation so that the latest question stands at its top.
  showLatest() {
    const questions = document.querySelectorAll("#qa-chat .qa-question");
    const last = questions[questions.length - 1];
    if (last) requestAnimationFrame(() => this.scrollTo(last, 16));
  },

  // Show the viewer, scrolled to the words that are cited.
  showSource() {
    if (!document.querySelector("#qa-side .qa-source")) return;
    document.body.classList.add("qa-reading");
    requestAnimationFrame(() => {
      const here = document.querySelector("#qa-side .qa-target mark") || document.querySelector("#qa-side .qa-target");
      if (here) this.scrollTo(here, innerHeight / 4);
      document.querySelector("#qa-source-title")?.focus({ preventScroll: true });
    });
  },

  closeSource() {
    document.body.classList.remove("qa-reading");
    this.returnTo?.focus();
  },

  scrollTo(element, space) {
    let box = element.parentElement;
    while (box && !(box.scrollHeight > box.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(box).overflowY))) {
      box = box.parentElement;
    }
    if (box) box.scrollTop += element.getBoundingClientRect().top - box.getBoundingClientRect().top - space;
  },

  async copy(text, near) {
    try {
      await navigator.clipboard.writeText(text);
    } catch (error) { // not a secure address: the old way
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    near?.classList.add("qa-done");
    setTimeout(() => near?.classList.remove("qa-done"), 1500);
  },

  copyAnswer(link) {
    const answer = link.closest(".qa-answer");
    const words = [...answer.querySelectorAll(".qa-text bdi")].map((part) => part.innerText);
    const places = [...answer.querySelectorAll(".qa-place")].map((place) => place.innerText.trim());
    if (answer.matches(".qa-refusal")) places.length = 0; // what is perhaps related does not say it
    this.copy(words.map((part, number) => (places[number] ? `${part}\n— ${places[number]}` : part)).join("\n"), link);
  },

  save(told) {
    if (!told) return;
    const { name, type, text } = JSON.parse(told);
    const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
    Object.assign(document.createElement("a"), { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  },

  step(forward) {
    const buttons = document.querySelectorAll("#qa-side .qa-bar .qa-button[data-qa*='citation']");
    if (document.body.classList.contains("qa-reading") && buttons.length) {
      buttons[forward ? buttons.length - 1 : 0].click();
      return;
    }
    const answers = document.querySelectorAll("#qa-chat .qa-answer");
    answers[answers.length - 1]?.querySelector('a[href^="#cite-"]')?.click();
  },
};

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#qa-chat a[href^='#']");
  if (link) {
    const [kind, turn, number] = link.getAttribute("href").slice(1).split("-");
    event.preventDefault();
    window.qa.returnTo = link;
    if (kind === "cite") window.qa.press("#qa-open", { turn: Number(turn), citation: Number(number) });
    else if (kind === "good" || kind === "bad") window.qa.press("#qa-judge", { turn: Number(turn), verdict: kind });
    else if (kind === "copy") window.qa.copyAnswer(link);
    return;
  }
  const button = event.target.closest?.("[data-qa]");
  if (!button) return;
  const pick = JSON.parse(button.dataset.qa);
  if (pick.open) {
    if (!button.closest("#qa-side")) window.qa.returnTo = button;
    window.qa.press("#qa-open", pick.open);
  } else if (pick.close) {
    window.qa.closeSource();
  } else if (pick.link) {
    window.qa.copy(`${location.origin}${location.pathname}?${new URLSearchParams(pick.link)}`, button);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("qa-reading")) window.qa.closeSource();
  else if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    window.qa.step(event.key === "ArrowDown");
  }
});

// The chat labels each message with its source text, tags and all; a screen reader should read what is shown, and of a
// citation its file and place. (Labels written into the message are taken out of it by the chat.)
new MutationObserver(() => {
  for (const message of document.querySelectorAll("#qa-chat [data-testid][aria-label]")) {
    message.removeAttribute("aria-label");
  }
  for (const link of document.querySelectorAll("#qa-chat a.qa-link:not([aria-label])")) {
    const number = Number(link.hash.split("-")[2]);
    const place = link.closest(".qa-answer")?.querySelectorAll(".qa-place")[number - 1];
    if (place) link.setAttribute("aria-label", place.textContent.trim());
  }
}).observe(document.documentElement, { childList: true, subtree: true });
