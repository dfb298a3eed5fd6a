// Without a way into the page from outside, the page itself says where its parts are, and that it is there.
const tell = () => {
  const places = {};
  for (const part of document.querySelectorAll("[id]")) {
    const box = part.getBoundingClientRect();
    places[part.id] = [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
  }
  fetch("/places", { method: "POST", body: JSON.stringify({ page: location.pathname, places }) });
};
addEventListener("load", tell);
addEventListener("resize", tell);
setInterval(tell, 250);
