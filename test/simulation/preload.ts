/** Loads one module of the program with a mutant's replacement: `node --import ./preload.ts`, BIRDMAN_MUTANT names it. */
import { registerHooks } from "node:module";
import { MUTANTS } from "./mutants.ts";

const mutant = MUTANTS.find(({ name }) => name === process.env["BIRDMAN_MUTANT"]);
if (mutant === undefined) throw new Error(`there is no mutant ${String(process.env["BIRDMAN_MUTANT"])}`);
const target = new URL(`../../src/${mutant.file}`, import.meta.url).href;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (url !== target) return loaded;
    const { source } = loaded;
    if (source === undefined || source === null) throw new Error(`there is no source of ${url}`);
    const text = typeof source === "string" ? source : new TextDecoder().decode(source);
    return { ...loaded, source: text.replace(mutant.find, () => mutant.replace) };
  },
});
