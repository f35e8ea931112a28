/* What a page can do beyond its text: pause the ticker, read aloud, search. It works without. */
(() => {
  "use strict";

  const ticker = document.querySelector(".ticker");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (ticker && !still) {
    const items = [...ticker.querySelectorAll("li")];
    const button = ticker.querySelector("button");
    let at = 0;
    let clock = null;
    const show = () => items.forEach((item, place) => { item.hidden = place !== at; });
    const run = (going) => {
      clearInterval(clock);
      clock = going ? setInterval(() => {
        if (ticker.matches(":hover") || ticker.contains(document.activeElement)) return;
        at = (at + 1) % items.length;
        show();
      }, 7000) : null;
      button.textContent = going ? button.dataset.pause : button.dataset.go;
    };
    if (items.length > 1) {
      ticker.classList.add("moving");
      button.hidden = false;
      button.addEventListener("click", () => run(clock === null));
      show();
      run(true);
    }
  }

  const listen = document.querySelector(".listen");
  if (listen && "speechSynthesis" in window) {
    const voice = window.speechSynthesis;
    const say = (running) => {
      listen.setAttribute("aria-pressed", String(running));
      listen.textContent = running ? listen.dataset.stop : listen.dataset.listen;
    };
    listen.hidden = false;
    say(false);
    listen.addEventListener("click", () => {
      const running = listen.getAttribute("aria-pressed") === "true";
      voice.cancel();
      if (running) { say(false); return; }
      const parts = [...document.querySelectorAll("[data-aloud]")].map((part) => part.textContent);
      parts.forEach((text, place) => {
        const words = new SpeechSynthesisUtterance(text);
        words.lang = document.documentElement.lang;
        if (place === parts.length - 1) words.onend = () => say(false);
        voice.speak(words);
      });
      say(true);
    });
    window.addEventListener("pagehide", () => voice.cancel());
  }

  const search = document.querySelector(".search");
  const data = document.getElementById("index");
  if (search && data) {
    const fold = (text) => text.normalize("NFKD").replace(/\p{M}|\u0640/gu, "").toLowerCase();
    const index = JSON.parse(data.textContent);
    const folded = index.map((row) => fold(`${row.h} ${row.d} ${row.s}`));
    const input = search.querySelector("input");
    const list = search.querySelector(".found");
    const count = search.querySelector("[data-found]");
    const entry = (row) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      const meta = document.createElement("span");
      link.href = row.u;
      link.textContent = row.h;
      meta.className = "meta";
      meta.textContent = `${row.s} · ${row.t}`;
      item.append(link, " ", meta);
      return item;
    };
    const find = () => {
      const words = fold(input.value).split(/\s+/).filter(Boolean);
      const hits = words.length ? index.filter((_, n) => words.every((w) => folded[n].includes(w))) : [];
      list.replaceChildren(...hits.slice(0, 50).map(entry));
      count.textContent = words.length ? `${count.dataset.found}: ${hits.length}` : "";
    };
    search.hidden = false;
    input.addEventListener("input", find);
  }
})();
