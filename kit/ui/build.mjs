// Copies Lucide's font, the code points of its icons and its licence to build/ui/, where the screen reads them.
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const lucide = join(here, "node_modules", "lucide-static");
const target = join(here, "..", "..", "build", "ui");

await mkdir(target, { recursive: true });
await copyFile(join(lucide, "font", "lucide.ttf"), join(target, "lucide.ttf"));
await copyFile(join(lucide, "font", "codepoints.json"), join(target, "lucide.json"));
await copyFile(join(lucide, "LICENSE"), join(target, "lucide-LICENSE.txt"));
