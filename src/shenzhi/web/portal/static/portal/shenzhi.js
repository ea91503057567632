// Comforts for pages that are whole without them: tips on charts, sorting of tables, filtering while typing.
(() => {
  const english = document.documentElement.lang.startsWith("en");

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  document.body.append(tip);
  document.addEventListener("pointermove", (event) => {
    const mark = event.target.closest?.(".plot [aria-label], .tiles [aria-label]");
    const text = mark && mark.tagName !== "svg" && mark.getAttribute("aria-label");
    tip.hidden = !text;
    if (!text) return;
    tip.textContent = text;
    const x = Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8);
    const y = event.clientY + 16 + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 8 : event.clientY + 16;
    tip.style.left = `${Math.max(8, x)}px`;
    tip.style.top = `${y}px`;
  });

  const key = (cell) => {
    const exact = cell?.dataset.v ?? cell?.querySelector("data")?.value ?? cell?.textContent.trim() ?? "";
    const figure = Number(exact.replaceAll(",", "").replace("\u2212", "-").replace(/%$/, ""));
    return exact !== "" && !Number.isNaN(figure) ? figure : exact;
  };
  const before = (a, b) => {
    const [na, nb] = [typeof a === "number", typeof b === "number"];
    if (na !== nb) return na ? -1 : 1; // cells without a figure stay at the end
    return na ? a - b : a.localeCompare(b, document.documentElement.lang);
  };
  for (const table of document.querySelectorAll("table[data-sort]")) {
    const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    heads.forEach((head, column) => {
      if (!head.textContent.trim()) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.hasAttribute("aria-sort") && other.setAttribute("aria-sort", "none"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows].map((row) => [key(row.cells[column]), row]);
        rows.sort(([a], [b]) => {
          const order = before(a, b);
          return down && typeof a === typeof b ? -order : order;
        });
        table.tBodies[0].append(...rows.map(([, row]) => row));
      });
    });
  }

  for (const table of document.querySelectorAll("table[data-filter]")) {
    const label = document.createElement("label");
    label.className = "filter";
    const input = document.createElement("input");
    input.type = "search";
    const count = document.createElement("span");
    count.setAttribute("role", "status");
    label.append(english ? "Show only rows with " : "只看含有 ", input, english ? "" : " 的行", " ", count);
    (table.closest(".scroll") ?? table).before(label);
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      let shown = 0;
      for (const row of rows) {
        row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted);
        shown += !row.hidden;
      }
      count.textContent = wanted === "" ? "" : english ? `${shown} of ${rows.length}` : `${shown} / ${rows.length} 行`;
    });
  }
})();
