// Gathers what the dashboard's pages load into one folder, so that nothing comes from another server.
// Usage: node build.mjs DESTINATION
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const target = process.argv[2];
if (!target) throw new Error("usage: node build.mjs DESTINATION");

const copies = {
  "uplot/dist/uPlot.iife.min.js": "uplot.js",
  "uplot/dist/uPlot.min.css": "uplot.css",
  "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter.woff2",
  "htmx.org/LICENSE": "licenses/htmx.txt",
  "uplot/LICENSE": "licenses/uplot.txt",
  "lucide-static/LICENSE": "licenses/lucide.txt",
  "@fontsource-variable/inter/LICENSE": "licenses/inter.txt",
};

// htmx starts as soon as it can, in a task of its own: an extension in a second file may come too late.
const htmx = ["htmx.org/dist/htmx.min.js", "htmx.org/dist/ext/hx-sse.min.js"];

// One file of <symbol>s, drawn in the colour of the text around them.
async function sprite(names) {
  const symbols = await Promise.all(
    names.map(async (name) => {
      const svg = await readFile(join(modules, "lucide-static", "icons", `${name}.svg`), "utf8");
      const shapes = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>")).trim();
      return (
        `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
        `stroke-linecap="round" stroke-linejoin="round">${shapes}</symbol>`
      );
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
}

await rm(target, { recursive: true, force: true });
await mkdir(join(target, "licenses"), { recursive: true });
for (const [from, to] of Object.entries(copies)) await cp(join(modules, from), join(target, to));
const scripts = await Promise.all(htmx.map((from) => readFile(join(modules, from), "utf8")));
await writeFile(join(target, "htmx.js"), scripts.join(";\n"));
await cp(join(here, "assets"), target, { recursive: true });
const names = JSON.parse(await readFile(join(here, "icons.json"), "utf8"));
await writeFile(join(target, "icons.svg"), await sprite(names));
