/** The files in examples/ are what they are shown as: each is accepted, and they do not get into each other's way. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readSubmission } from "../src/api/submission.ts";
import { type TaskDocument, TaskDocumentSchema } from "../src/task/document.ts";

const TASKS = ["add_task", "task1", "task2", "task3", "full", "process", "cube-event"];

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../examples/${name}.json`, import.meta.url), "utf8"));
}

async function documentOf(name: string): Promise<TaskDocument> {
  const reading = await readSubmission(read(name));
  expect(reading).toMatchObject({ kind: "start" });
  const [document] = reading.kind === "start" ? reading.documents : [];
  if (document === undefined) throw new Error(`${name}.json holds no task`);
  return document;
}

test("each holds a task that is accepted, under a name and an id of its own", async () => {
  const documents = await Promise.all(TASKS.map(documentOf));
  const names = documents.map(({ name }) => name);
  const ids = documents.flatMap(({ id }) => (id === undefined ? [] : [id]));
  expect(new Set(names).size).toBe(TASKS.length);
  expect(names).not.toContain(undefined);
  expect(new Set(ids).size).toBe(ids.length);
});

test("stop_task.json stops the task of add_task.json", async () => {
  const { id } = await documentOf("add_task");
  expect(await readSubmission(read("stop_task"))).toEqual({ kind: "stop", id });
});

test("full.json shows every field of a task", () => {
  expect(Object.keys(read("full") as object).toSorted()).toEqual(Object.keys(TaskDocumentSchema.properties).toSorted());
});

test("together they fit a small machine", async () => {
  const documents = await Promise.all(TASKS.map(documentOf));
  expect(documents.reduce((total, { cpu = 0.1 }) => total + cpu, 0)).toBeLessThanOrEqual(1);
});
