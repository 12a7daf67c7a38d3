/** The live cluster of this page. It is asked for as soon as this is loaded, and anew as whoever signs in. */
import { LiveCluster } from "../live/live-cluster.ts";
import { session } from "./session.ts";

export const live = new LiveCluster();

function follow(): void {
  live.follow(session.get().client);
}

session.subscribe(follow);
follow();
