/** `/nodes`. */
import { Type } from "typebox";
import { NodeJsonSchema, NodePatchSchema } from "../node-json.ts";
import { json, NO_PARAMETERS, nothing, type Operation } from "./operation.ts";

export const NODE_OPERATIONS = {
  nodes: {
    method: "get",
    path: "/nodes",
    tag: "nodes",
    summary: "List nodes",
    access: "read",
    query: NO_PARAMETERS,
    answers: { 200: json("Every node that is known, in the order in which they joined", Type.Array(NodeJsonSchema)) },
  },
  node: {
    method: "get",
    path: "/nodes/{name}",
    tag: "nodes",
    summary: "Show a node",
    access: "read",
    query: NO_PARAMETERS,
    answers: { 200: json("The node", NodeJsonSchema) },
  },
  setAvailability: {
    method: "patch",
    path: "/nodes/{name}",
    tag: "nodes",
    summary: "Drain, pause or activate a node",
    description: "`pause` keeps new tasks away; `drain` moves those that are there as well, one after the other.",
    access: "write",
    query: NO_PARAMETERS,
    body: NodePatchSchema,
    examples: { drain: { availability: "drain" }, activate: { availability: "active" } },
    answers: { 200: json("The node as it is now", NodeJsonSchema) },
  },
  removeNode: {
    method: "delete",
    path: "/nodes/{name}",
    tag: "nodes",
    summary: "Forget a node that is down",
    access: "write",
    query: NO_PARAMETERS,
    answers: { 204: nothing("It is forgotten") },
    problems: ["node_up"],
  },
} as const satisfies Record<string, Operation>;
