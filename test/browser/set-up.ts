/** Before the suite: the dashboard is built from what is there now, as a manager of the checkout serves it. */
import { buildWeb, isWebBuilt } from "../../scripts/build-web.mjs";

export async function setup(): Promise<void> {
  if (!isWebBuilt()) await buildWeb();
}
