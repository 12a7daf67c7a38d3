/** What a demonstration leaves in the engine: the volume that an example asks for, and whatever was left when something broke. */
import type Docker from "dockerode";

/** The volume of examples/full.json. */
const VOLUME = "birdman-example";

export async function hasExampleVolume(engine: Docker): Promise<boolean> {
  const { Volumes } = await engine.listVolumes();
  return Volumes.some(({ Name }) => Name === VOLUME);
}

/** Removes the containers of these tasks. */
export async function removeContainers(engine: Docker, tasks: readonly string[]): Promise<void> {
  const containers = await engine.listContainers({ all: true });
  const ours = containers.filter(({ Names }) => tasks.some((id) => Names.some((name) => name.includes(id))));
  for (const { Id } of ours) await engine.getContainer(Id).remove({ force: true });
}

export async function removeExampleVolume(engine: Docker): Promise<void> {
  if (await hasExampleVolume(engine)) await engine.getVolume(VOLUME).remove();
}
