/** The body of `POST /tasks` as the API's description shows it; `submission.ts` reads it. */
import { Type } from "typebox";
import { TaskDocumentSchema } from "../task/document.ts";
import { ClassicEventSchema } from "./classic-json.ts";

export const SubmissionSchema = Type.Union([
  TaskDocumentSchema,
  Type.Array(TaskDocumentSchema, { minItems: 1, maxItems: 100_000 }),
  ClassicEventSchema,
]);
