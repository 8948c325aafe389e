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
  // A second look before what cannot be taken back.
  document.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.confirm;
    if (question && !confirm(question)) event.preventDefault();
  });
})();
