const large = document.getElementById("large");

for (const button of document.querySelectorAll(".enlarge")) {
  button.addEventListener("click", () => {
    large.firstElementChild.src = button.firstElementChild.src;
    large.showModal();
  });
}
large.addEventListener("click", () => large.close());

document.getElementById("language").addEventListener("click", () => {
  const root = document.documentElement;
  root.lang = root.lang === "sv" ? "en" : "sv";
});
