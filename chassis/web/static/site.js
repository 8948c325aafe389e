// Leave this page quickly: nothing of it stays behind the back button. Also by pressing Escape three times.
(() => {
  const link = document.querySelector("[data-leave]");
  if (link) {
    const leave = () => { document.body.replaceChildren(); location.replace(link.href); };
    link.addEventListener("click", (event) => { event.preventDefault(); leave(); });
    let presses = [];
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      presses = [...presses.filter((at) => event.timeStamp - at < 3000), event.timeStamp];
      if (presses.length >= 3) leave();
    });
  }
  // What was refused is read first.
  document.querySelector("[data-focus]")?.focus();
  // What was told of is asked for once, not by all pages at the same moment, and by none that nobody sees.
  const told = new Map();
  const ask = (part) => {
    const again = told.get(part);
    if (document.hidden || !again) return;
    told.delete(part);
    again(true);
  };
  document.addEventListener("htmx:confirm", (event) => {
    const { elt, issueRequest, triggeringEvent } = event.detail;
    if (!triggeringEvent?.type.startsWith("sse:")) return;
    event.preventDefault();
    if (!told.has(elt)) setTimeout(ask, 1500 * Math.random(), elt);
    told.set(elt, issueRequest);
  });
  document.addEventListener("visibilitychange", () => [...told.keys()].forEach(ask));
  // A second look before what cannot be taken back.
  document.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.confirm;
    if (question && !confirm(question)) event.preventDefault();
  });
})();
