(() => {
  const button = document.getElementById("listen");
  if (!button || !("speechSynthesis" in window)) return;
  const voice = window.speechSynthesis;
  const say = (running) => {
    button.setAttribute("aria-pressed", String(running));
    button.textContent = running ? button.dataset.stop : button.dataset.listen;
  };
  const texts = () => [...document.querySelectorAll("[data-aloud]")].map((part) => {
    const copy = part.cloneNode(true);
    copy.querySelectorAll("sup").forEach((mark) => mark.remove());
    return copy.textContent.trim();
  }).filter(Boolean);
  button.hidden = false;
  button.addEventListener("click", () => {
    const running = button.getAttribute("aria-pressed") === "true";
    voice.cancel();
    if (running) return say(false);
    const parts = texts();
    parts.forEach((text, place) => {
      const words = new SpeechSynthesisUtterance(text);
      words.lang = document.documentElement.lang;
      if (place === parts.length - 1) words.onend = () => say(false);
      voice.speak(words);
    });
    say(parts.length > 0);
  });
  window.addEventListener("pagehide", () => voice.cancel());
})();
