/** The body of an error as the API's description shows it; `problems.ts` makes them. */
import { Type } from "typebox";
import { PROBLEMS, type ProblemCode } from "./problems.ts";

const CODES = Object.keys(PROBLEMS) as ProblemCode[];

export const ProblemJsonSchema = Type.Object(
  {
    type: Type.String({ description: "`urn:birdman:problem:` and the code" }),
    title: Type.String(),
    status: Type.Integer({ description: "The HTTP status" }),
    detail: Type.String({ description: "What is wrong, and what to do about it, in a sentence" }),
    code: Type.Enum(CODES, { type: "string", description: "What programs look at: it never changes its meaning" }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          path: Type.String({ description: "A JSON pointer (RFC 6901) into the body, or the name of a parameter" }),
          message: Type.String(),
        }),
        { description: "Everything that is wrong with the body or the query" },
      ),
    ),
  },
  { description: "Every error is one of these (RFC 9457)" },
);
