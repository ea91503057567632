// What a stranger's modeller makes of the procedures: bpmn-moddle reads each document without a warning, and everything is drawn.
//
//     node client.mjs FOLDER

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BpmnModdle } from "bpmn-moddle";

const folder = process.argv[2];
let broken = 0;
// whether a straight piece of an edge runs through the inside of a shape
const through = (from, to, box) =>
  Math.max(from.x, to.x) > box.x + 1 && Math.min(from.x, to.x) < box.x + box.width - 1 &&
  Math.max(from.y, to.y) > box.y + 1 && Math.min(from.y, to.y) < box.y + box.height - 1;
const names = readdirSync(folder).filter((name) => name.endsWith(".bpmn")).sort();
for (const name of names) {
  const faults = [];
  const { rootElement, warnings } = await new BpmnModdle().fromXML(readFileSync(join(folder, name), "utf8"));
  faults.push(...warnings.map((one) => one.message));
  const process_ = rootElement.rootElements.find((one) => one.$type === "bpmn:Process");
  const collaboration = rootElement.rootElements.find((one) => one.$type === "bpmn:Collaboration");
  const lanes = process_.laneSets.flatMap((one) => one.lanes);
  const nodes = process_.flowElements.filter((one) => one.$type !== "bpmn:SequenceFlow");
  const flows = process_.flowElements.filter((one) => one.$type === "bpmn:SequenceFlow");
  const drawn = rootElement.diagrams[0].plane.planeElement;
  const shapes = new Map(drawn.filter((one) => one.$type === "bpmndi:BPMNShape").map((one) => [one.bpmnElement, one.bounds]));
  const edges = new Set(drawn.filter((one) => one.$type === "bpmndi:BPMNEdge").map((one) => one.bpmnElement));
  for (const one of [...collaboration.participants, ...lanes, ...nodes])
    if (!shapes.has(one)) faults.push(`${one.id} has no shape`);
  for (const one of flows) if (!edges.has(one)) faults.push(`${one.id} has no edge`);
  const apart = (a, b) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
  const rivals = [lanes, nodes.filter((one) => one.$type !== "bpmn:BoundaryEvent")];
  for (const group of rivals)
    group.forEach((one, at) => {
      for (const other of group.slice(at + 1))
        if (!apart(shapes.get(one), shapes.get(other))) faults.push(`${one.id} lies over ${other.id}`);
    });
  for (const edge of drawn.filter((one) => one.$type === "bpmndi:BPMNEdge"))
    for (const one of nodes.filter((node) => node !== edge.bpmnElement.sourceRef && node !== edge.bpmnElement.targetRef))
      if (edge.waypoint.some((to, at) => at && through(edge.waypoint[at - 1], to, shapes.get(one))))
        faults.push(`${edge.bpmnElement.id} runs through ${one.id}`);
  broken += faults.length;
  console.log(`${faults.length ? "BROKEN " : "ok     "} ${name}: ${shapes.size} shapes, ${edges.size} edges`);
  for (const fault of faults) console.log(`        ${fault}`);
}
console.log(`bpmn-moddle: ${names.length} documents, ${broken} faults`);
process.exit(broken || !names.length ? 1 : 0);
