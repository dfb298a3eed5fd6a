// What the pages do between two answers of the server: the clock, running times, and filters that send themselves.
(() => {
  const ahead = Number(document.body.dataset.now) - Date.now();
  const now = () => Date.now() + ahead;

  const length = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    if (whole < 60) return `${whole} s`;
    if (whole < 600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
    if (whole < 3600) return `${Math.floor(whole / 60)} min`;
    return `${Math.floor(whole / 3600)} tim ${Math.floor((whole % 3600) / 60)} min`;
  };

  setInterval(() => {
    for (const clock of document.querySelectorAll("[data-clock]"))
      clock.textContent = new Date(now()).toLocaleTimeString("sv-SE", {
        hour: "2-digit", minute: "2-digit", timeZone: "Europe/Stockholm",
      });
    for (const running of document.querySelectorAll("[data-elapsed]"))
      running.textContent = length((now() - Number(running.dataset.elapsed)) / 1000);
  }, 1000);

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-autosubmit]");
    if (form) form.requestSubmit();
  });
})();
